// Health and registration of trunks, and how numbers are written.
#include "sip/number_format.hpp"
#include "tests/sip/sip_fixture.hpp"

namespace dunlin::test {
namespace {

TEST(TrunkState, IsUpWhenTheCarrierAnswersOptions) {
  TrunkRig rig("options", [](TrunkSettings& t) { t.options_interval = seconds(30); });
  const auto state = rig.sink.wait<TrunkState>();
  ASSERT_TRUE(state);
  EXPECT_TRUE(state->is_up);
  EXPECT_EQ(state->name, "carrier");
  EXPECT_EQ(rig.peer.verdict(), "");
}

TEST(TrunkState, IsDownWhenTheCarrierCannotServe) {
  TrunkRig rig("options_503", [](TrunkSettings& t) { t.options_interval = seconds(30); });
  const auto state = rig.sink.wait<TrunkState>();
  ASSERT_TRUE(state);
  EXPECT_FALSE(state->is_up);
  EXPECT_EQ(state->sip_status, 503);
}

TEST(TrunkState, IsUpWhenTheRegistrationIsGranted) {
  TrunkRig rig("registrar", [](TrunkSettings& t) {
    t.login = TrunkLogin{};
    t.login->user = "trunk-user";
    t.login->password = "secret";
  });
  const auto state = rig.sink.wait<TrunkState>();
  ASSERT_TRUE(state);
  EXPECT_TRUE(state->is_up);
  EXPECT_EQ(rig.peer.verdict(), "");
}

TEST(TrunkState, SaysWhatToDoAboutARefusedLogin) {
  TrunkRig rig("registrar_refuses", [](TrunkSettings& t) {
    t.login = TrunkLogin{};
    t.login->user = "trunk-user";
    t.login->password = "wrong";
  });
  const auto state = rig.sink.wait<TrunkState>();
  ASSERT_TRUE(state);
  EXPECT_FALSE(state->is_up);
  EXPECT_NE(state->cause.find("403"), std::string::npos) << state->cause;
  EXPECT_NE(state->cause.find("password_file"), std::string::npos) << state->cause;
}

TEST(TrunkSettings, APortInUseIsNamedWithItsOption) {
  RecordingSink sink;
  SipStackSettings settings;
  settings.trunks = {trunk_to("127.0.0.1:5999")};
  settings.trunks[0].local_bind = "127.0.0.1:" + std::to_string(free_port());
  const auto first = SipStack::start(settings, sink, make_clock());
  ASSERT_TRUE(first.ok());
  const auto second = SipStack::start(settings, sink, make_clock());
  ASSERT_FALSE(second.ok());
  for (const auto& word : {std::string("trunk.local_bind"), settings.trunks[0].local_bind, std::string("another program")}) {
    EXPECT_NE(second.error().detail.find(word), std::string::npos) << second.error().detail;
  }
}

TEST(TrunkSettings, ASharedSocketMustShowOneAddress) {
  RecordingSink sink;
  SipStackSettings settings;
  settings.trunks = {trunk_to("127.0.0.1:5999"), trunk_to("127.0.0.2:5999")};
  settings.trunks[1].name = "second";
  settings.trunks[1].local_bind = settings.trunks[0].local_bind;
  settings.trunks[1].advertised_address = "192.0.2.9";
  const auto stack = SipStack::start(std::move(settings), sink, make_clock());
  ASSERT_FALSE(stack.ok());
  EXPECT_EQ(stack.error().code, Errc::invalid_input);
}

TEST(NumberFormat, WritesTheNumberAsTheTrunkWants) {
  const auto number = PhoneNumber::from_e164("+79161234567").value();
  const auto foreign = PhoneNumber::from_e164("+4930123456").value();
  EXPECT_EQ(format_number(number, NumberFormat::plus_e164, ""), "+79161234567");
  EXPECT_EQ(format_number(number, NumberFormat::digits, "055"), "05579161234567");
  EXPECT_EQ(format_number(number, NumberFormat::national_8, ""), "89161234567");
  EXPECT_EQ(format_number(foreign, NumberFormat::national_8, ""), "4930123456");
}

}  // namespace
}  // namespace dunlin::test
