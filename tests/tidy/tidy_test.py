#!/usr/bin/env python3
"""The guard is guarded: every rule of tidy.py must catch its offence and let the lawful twin pass."""
import unittest

import tidy


def texts(path, source):
    return [text for _, text in tidy.check_text(path, source)]


class Tidy(unittest.TestCase):
    def test_core_may_not_look_up(self):
        self.assertTrue(texts("core/a.cpp", '#include "sip/stack.hpp"\n'))
        self.assertFalse(texts("core/a.cpp", '#include "core/base/ids.hpp"\n'))

    def test_core_knows_the_standard_library_only(self):
        self.assertTrue(texts("core/a.cpp", "#include <spdlog/spdlog.h>\n"))
        self.assertFalse(texts("core/a.cpp", "#include <vector>\n"))

    def test_adapters_do_not_know_each_other(self):
        self.assertTrue(texts("sip/a.cpp", '#include "media/rtp.hpp"\n'))
        self.assertTrue(texts("sip/a.cpp", '#include "actors/contracts/messages.hpp"\n'))
        self.assertFalse(texts("sip/sip_actor.cpp", '#include "actors/contracts/messages.hpp"\n'))

    def test_foreign_libraries_have_one_door(self):
        self.assertTrue(texts("storage/vault.cpp", "#include <rocksdb/db.h>\n"))
        self.assertFalse(texts("storage/database.cpp", "#include <rocksdb/db.h>\n"))

    def test_banned_calls_are_found_but_not_in_comments(self):
        self.assertTrue(texts("api/a.cpp", "  } catch (...) {\n"))
        self.assertTrue(texts("api/a.cpp", "  auto now = std::chrono::system_clock::now();\n"))
        self.assertFalse(texts("api/a.cpp", "  // sleep() is banned\n"))

    def test_long_functions_and_files_are_found(self):
        body = "void f() {\n" + "  g();\n" * 60 + "}\n"
        self.assertTrue(texts("core/a.cpp", body))
        self.assertFalse(texts("core/a.cpp", "void f() {\n" + "  g();\n" * 50 + "}\n"))
        self.assertTrue(texts("core/a.hpp", "\n" * 601))


if __name__ == "__main__":
    unittest.main()
