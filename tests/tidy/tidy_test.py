#!/usr/bin/env python3
"""The guard is guarded: every rule of tidy.py must catch its offence and let the lawful twin pass."""
import pathlib
import unittest

import originators
import tidy

ROOT = pathlib.Path(__file__).resolve().parents[2]


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

    def test_the_tree_originates_by_permit_only(self):
        self.assertFalse(tidy.missing_links(ROOT))
        for path in originators.SHAPES:
            self.assertFalse(originators.offences(path, (ROOT / path).read_text()), path)

    def test_every_way_around_the_gate_is_found(self):
        for code in ("  auto permit = DialPermit(attempt, 1, expires);\n",
                     "  return StationPermit{uri, user};\n",
                     "  auto permit = Journal::make_permit(reservation);\n",
                     "class ShortWay final : public Journal {\n",
                     "  desk_.put(std::move(permit));\n",
                     "  auto& permit = *reinterpret_cast<DialPermit*>(bytes);\n",
                     "#define private public\n",
                     "  auto call = std::make_unique<UacCall>(office, leg);\n",
                     "  send(make_request(nta::method_invite));\n",
                     "  nta_outgoing_tcreate(leg, on_reply, this, url, SIP_METHOD_INVITE, url);\n",
                     "  nua_invite(handle, TAG_END());\n",
                     '  socket.send("INVITE sip:100@" + host);\n'):
            self.assertTrue(texts("app/short_way.cpp", code), code)
        self.assertFalse(texts("app/a.cpp", "// A DialPermit(…) is made by the journal.\n"))
        self.assertFalse(texts("app/a.cpp", "  std::optional<DialPermit> permit = desk.take(attempt, 1);\n"))

    def test_permits_stay_private(self):
        permits = (ROOT / originators.PERMITS).read_text()
        for good, bad in (("friend class Journal;", "friend class Journal;\n  friend class CaseActor;"),
                          ("friend class Registrar;", "friend class Trunk;"),
                          (" private:\n  friend class Journal;\n  DialPermit", " public:\n  friend class Journal;\n  DialPermit"),
                          ("  DialPermit(const DialPermit&) = delete;\n", "  DialPermit(const DialPermit&) = default;\n")):
            self.assertIn(good, permits)
            self.assertTrue(originators.offences_of_permits(permits.replace(good, bad, 1)), bad)

    def test_a_call_and_the_stack_want_a_permit(self):
        call = (ROOT / originators.CALL).read_text()
        self.assertTrue(originators.offences_of_call(call.replace("InvitePlan plan, DialPermit permit", "InvitePlan plan")))
        stack = (ROOT / originators.STACK).read_text()
        self.assertTrue(originators.offences_of_stack(stack.replace("place_trunk_call(DialPermit permit, ", "place_trunk_call(")))


if __name__ == "__main__":
    unittest.main()
