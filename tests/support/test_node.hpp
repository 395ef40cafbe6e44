#pragma once
// One life of a node in a test: the doors in the test's hands, the context and the actors as app/ spawns them. The stage,
// the disk and the settings outlive it. Destroy it after Stage::bury() to play a crash: that closes the disk.
#include <memory>
#include <optional>
#include <string>

#include "actors/node_context.hpp"
#include "tests/support/fake_doors.hpp"
#include "tests/support/test_journal.hpp"

namespace dunlin::test {

struct TestNodeOptions {
  std::uint64_t incarnation = 1;
  const ContactGate* gate = nullptr;   ///< Outlives the node.
  bool has_classifier = true;
};

/// Two trunks "a" and "b" of 10 channels and 20 starts a second, RU, ticks of 500 ms.
NodeSettings test_settings();

class TestNode {
 public:
  TestNode(Stage& stage, TestDisk& disk, const NodeSettings& settings, TestNodeOptions options);
  ~TestNode();
  TestNode(const TestNode&) = delete;
  TestNode& operator=(const TestNode&) = delete;

  /// In the order of app/node.cpp.
  void spawn_actors();

  Stage& stage;
  TestDisk& disk;
  TestJournal journal;
  TestArchive archive;
  TestDocuments documents;
  FakeSip sip;
  FakeMedia media;
  FakeSpeech speech;
  FakeImports imports;
  FakeFeed feed;
  IdSource ids;
  NodeContext context;
};

}  // namespace dunlin::test
