// Encryption at rest: what leaves the vault opens only in its place, and nothing readable reaches the disk.
#include "storage/vault.hpp"

#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "storage/cipher.hpp"
#include "storage/database.hpp"
#include "tests/storage/store_fixture.hpp"

namespace dunlin::storage_test {
namespace {

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Files below the folder that hold the text.
std::vector<std::string> files_holding(const std::filesystem::path& folder, const std::vector<std::string>& texts) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const auto bytes = read_file(entry.path());
    for (const auto& text : texts) {
      if (bytes.find(text) != std::string::npos) found.push_back(entry.path().string() + " holds " + text);
    }
  }
  return found;
}

class VaultTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto key = InstallationKey::create(folder_.path() / "key");
    ASSERT_TRUE(key.ok());
    key_.emplace(std::move(*key));
    DatabaseOptions options;
    options.path = folder_.path() / "keys";
    auto opened = Database::open(options);
    ASSERT_TRUE(opened.ok());
    keys_ = std::move(*opened);
    vault_ = std::make_unique<Vault>(*key_, *keys_);
  }
  Vault::CaseKey key_of(CaseId case_id) {
    Vault::NewKeys fresh;
    const auto key = vault_->key_for_writing(case_id, fresh);
    EXPECT_TRUE(key.ok());
    EXPECT_TRUE(vault_->store(fresh).ok());
    return *key;
  }
  TemporaryFolder folder_;
  std::optional<InstallationKey> key_;
  std::unique_ptr<Database> keys_;
  std::unique_ptr<Vault> vault_;
};

TEST(Cipher, MatchesTheHkdfAndHashVectors) {
  EXPECT_EQ(to_hex(view_of(sha256("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231 test case 2 has a 4-byte key; zero padding to 32 bytes gives the same HMAC key block.
  SecretKey jefe{'J', 'e', 'f', 'e'};
  EXPECT_EQ(to_hex(view_of(hmac_sha256(jefe, "what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const KeyedHasher hasher(jefe);
  for (const std::string text : {"what do ya want for nothing?", "", "the same hasher once more"}) EXPECT_EQ(hasher.of(text), hmac_sha256(jefe, text));
  SecretKey secret{};
  EXPECT_NE(hkdf(secret, "one"), hkdf(secret, "two"));
}

TEST_F(VaultTest, SealedEventOpensOnlyInItsPlace) {
  const auto key = key_of(CaseId(5));
  const EventPlace place{1, 10, CaseId(5), 3};
  const auto sealed = vault_->seal_event(key, place, "body");
  ASSERT_TRUE(sealed.ok());
  EXPECT_EQ(*vault_->open_event(key.generation, place, *sealed), "body");
  key_of(CaseId(6));
  for (const auto& wrong : {EventPlace{2, 10, CaseId(5), 3}, EventPlace{1, 11, CaseId(5), 3},
                            EventPlace{1, 10, CaseId(6), 3}, EventPlace{1, 10, CaseId(5), 4}}) {
    const auto opened = vault_->open_event(key.generation, wrong, *sealed);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, Errc::corrupt);
  }
}

TEST_F(VaultTest, EveryChangedOrMissingByteIsNoticed) {
  const auto key = key_of(CaseId(5));
  const auto sealed = *vault_->seal_view(key, {CaseId(5), 1}, "view");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto damaged = sealed;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(vault_->open_view(key.generation, {CaseId(5), 1}, damaged).ok()) << i;
    EXPECT_FALSE(vault_->open_view(key.generation, {CaseId(5), 1}, sealed.substr(0, i)).ok()) << i;
  }
  EXPECT_FALSE(vault_->open_view(key.generation, {CaseId(5), 2}, sealed).ok());
}

TEST_F(VaultTest, EqualTextsSealDifferently) {
  const auto key = key_of(CaseId(5));
  std::vector<std::string> sealed;
  for (int i = 0; i < 200; ++i) sealed.push_back(*vault_->seal_view(key, {CaseId(5), 1}, "same"));
  std::sort(sealed.begin(), sealed.end());
  EXPECT_EQ(std::adjacent_find(sealed.begin(), sealed.end()), sealed.end());
}

TEST_F(VaultTest, DestroyedKeyOpensNothingAndANewOneIsAnotherGeneration) {
  const auto key = key_of(CaseId(5));
  const auto sealed = *vault_->seal_view(key, {CaseId(5), 1}, "view");
  ASSERT_TRUE(vault_->destroy_case_key(CaseId(5)).ok());
  const auto gone = vault_->open_view(key.generation, {CaseId(5), 1}, sealed);
  ASSERT_FALSE(gone.ok());
  EXPECT_EQ(gone.error().code, Errc::not_found);
  const auto next = key_of(CaseId(5));
  EXPECT_EQ(next.generation, key.generation + 1);
  EXPECT_NE(next.bytes, key.bytes);
  EXPECT_EQ(vault_->open_view(key.generation, {CaseId(5), 1}, sealed).error().code, Errc::not_found);
  EXPECT_EQ(vault_->destroy_case_key(CaseId(99)).error().code, Errc::not_found);
}

TEST_F(VaultTest, PurgedKeyLeavesTheDisk) {
  key_of(CaseId(5));
  const auto wrapped = keys_->scan_prefix("", [](std::string_view, std::string_view) { return true; });
  ASSERT_TRUE(wrapped.ok());
  std::string row;
  ASSERT_TRUE(keys_->scan({}, [&row](std::string_view, std::string_view value) {
    row = std::string(value.substr(4, 40));
    return true;
  }).ok());
  ASSERT_FALSE(files_holding(folder_.path(), {row}).empty());
  ASSERT_TRUE(vault_->destroy_case_key(CaseId(5)).ok());
  ASSERT_TRUE(vault_->purge_destroyed().ok());
  EXPECT_EQ(files_holding(folder_.path(), {row}), std::vector<std::string>());
}

TEST_F(VaultTest, CaseIdsAndHashesDependOnTheInstallationKeyAndTheKind) {
  const TemporaryFolder other_folder;
  const auto other_key = InstallationKey::create(other_folder.path() / "key");
  ASSERT_TRUE(other_key.ok());
  const Vault other(*other_key, *keys_);
  EXPECT_EQ(vault_->case_id_for("inn|7707083893"), vault_->case_id_for("inn|7707083893"));
  EXPECT_NE(vault_->case_id_for("inn|7707083893"), vault_->case_id_for("inn|7707083894"));
  EXPECT_NE(vault_->case_id_for("inn|7707083893"), other.case_id_for("inn|7707083893"));
  const LookupKey phone{LookupKind::phone, "x"};
  const LookupKey person{LookupKind::person_key, "x"};
  EXPECT_NE(vault_->lookup_hash(phone), vault_->lookup_hash(person));
  EXPECT_NE(vault_->lookup_hash(phone), other.lookup_hash(phone));
}

TEST(InstallationKey, FileIsForTheOwnerOnlyAndMadeOnce) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "key";
  const auto key = InstallationKey::create(file);
  ASSERT_TRUE(key.ok());
  struct stat facts {};
  ASSERT_EQ(::stat(file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777u, 0400u);
  EXPECT_EQ(facts.st_size, 32);
  EXPECT_EQ(InstallationKey::create(file).error().code, Errc::conflict);
  EXPECT_EQ(InstallationKey::load(file)->fingerprint(), key->fingerprint());
  EXPECT_EQ(key->fingerprint().size(), 16u);
  ASSERT_EQ(::chmod(file.c_str(), 0440), 0);
  EXPECT_EQ(InstallationKey::load(file).error().code, Errc::invalid_input);
}

TEST(InstallationKey, ExportedLineInstallsTheSameKey) {
  const TemporaryFolder folder;
  const auto key = InstallationKey::create(folder.path() / "a");
  ASSERT_TRUE(key.ok());
  const auto line = key->export_text();
  EXPECT_EQ(InstallationKey::install(folder.path() / "b", line + "\n")->fingerprint(), key->fingerprint());
  EXPECT_EQ(read_file(folder.path() / "a"), read_file(folder.path() / "b"));
  auto mistyped = line;
  mistyped[20] = mistyped[20] == '0' ? '1' : '0';
  for (const std::string& wrong : {mistyped, std::string("dunlin-key-1"), std::string(), line + "00"}) {
    EXPECT_EQ(InstallationKey::install(folder.path() / "c", wrong).error().code, Errc::invalid_input);
  }
}

TEST(StoreOnDisk, HoldsNoNameNoPhoneNoDocumentInTheClear) {
  const TemporaryFolder folder;
  std::vector<std::string> secrets = {"SETTING-VALUE-4711"};
  const auto check = [&](const std::string& when) {
    EXPECT_EQ(files_holding(folder.path(), secrets), std::vector<std::string>()) << when;
  };
  {
    const auto store = open_store(settings_for(folder.path()));
    for (std::uint64_t i = 1; i <= 200; ++i) {
      const auto name = "SYNTHETICOV PETR " + std::to_string(100'000 + i);
      const auto phone = "+7912" + std::to_string(5'550'000 + i);
      auto request = commit_of(CaseId(i * 7919), 0, {name + "|" + phone, phone});
      request.case_view = name + phone;
      request.lookups_added = {{LookupKind::phone, phone}, {LookupKind::person_key, name}};
      request.due = {{CampaignId(1), UtcTime{5}, 0}};
      must_commit(*store, request);
      secrets.push_back(name);
      secrets.push_back(phone);
      EXPECT_EQ(store->history().find({LookupKind::phone, phone})->size(), 1u);
    }
    ASSERT_TRUE(store->documents().put_and_wait({"settings", "main", "SETTING-VALUE-4711", std::nullopt}).ok());
    check("while running");
  }
  check("after closing");
  for (const auto* part : {"history", "keys"}) {
    DatabaseOptions options;
    options.path = folder.path() / part;
    const auto database = Database::open(options);
    ASSERT_TRUE(database.ok());
    ASSERT_TRUE((*database)->purge({}, {}).ok());
  }
  check("after compaction");
  const auto store = open_store(settings_for(folder.path()));
  EXPECT_EQ(store->history().case_events(CaseId(7919))->at(1).body, secrets[2]);
}

}  // namespace
}  // namespace dunlin::storage_test
