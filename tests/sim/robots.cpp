#include "tests/sim/robots.hpp"

#include <algorithm>
#include <array>

namespace dunlin::sim {
namespace {

constexpr std::size_t pending_bound = 200;

Campaign campaign_of(const std::string& name, DialingMode mode) {
  Campaign campaign;
  campaign.settings.name = name;
  campaign.settings.mode = mode;
  campaign.settings.filter.portfolios = {name};
  campaign.settings.caller_id = "+74995550100";
  campaign.settings.trunks = {TrunkShare{"a", 1}, TrunkShare{"b", 1}};
  return campaign;
}

}  // namespace

void Robots::connect(test::TestNode& node) {
  node_ = &node;
  for (const auto& [name, file] : files_) node.imports.files[name] = file.rows;
}

void Robots::disconnect() {
  node_ = nullptr;
  pending_.clear();
  slots_asked_.clear();
  agents_asked_.reset();
  imports_asked_.reset();
  agents_.clear();
}

void Robots::command(const caf::actor& to, std::function<std::shared_ptr<test::Asked<msg::Answer>>(const caf::actor&)> ask,
                     std::function<void(const msg::Answer&)> then) {
  if (pending_.size() < pending_bound) pending_.push_back({ask(to), std::move(then)});
}

void Robots::hear_answers() {
  std::vector<Pending> waiting;
  for (Pending& each : pending_) {
    if (!each.asked->is_over()) waiting.push_back(std::move(each));
    else if (each.asked->answer && !each.asked->answer->error && each.then) each.then(*each.asked->answer);
  }
  pending_ = std::move(waiting);
}

void Robots::set_up(int agents) {
  for (int n = 0; n < agents; ++n) {
    msg::AgentProfile profile;
    profile.user = "agent" + std::to_string(n);
    command(node_->context.agents, [&](const caf::actor& to) { return test::ask_later<msg::Answer>(stage_, to, msg::ChangeAgent{profile}); }, {});
  }
  for (const auto& [name, mode] : {std::pair{"north", DialingMode::progressive}, std::pair{"south", DialingMode::predictive}}) {
    const msg::PutCampaign put{campaign_of(name, mode).settings, "robot"};
    command(node_->context.campaigns, [&](const caf::actor& to) { return test::ask_later<msg::Answer>(stage_, to, put); }, {});
    stage_.pass(milliseconds(100));
    const msg::CommandCampaign start{name, CampaignCommand::start, "robot"};
    command(node_->context.campaigns, [&](const caf::actor& to) { return test::ask_later<msg::Answer>(stage_, to, start); }, {});
    stage_.pass(milliseconds(100));
  }
  import_some();
}

void Robots::act() {
  if (node_ == nullptr) return;
  hear_answers();
  follow_imports();
  act_as_agents();
  if (!is_day_over_) act_as_operators();
}

void Robots::lose_all_stations() {
  if (node_ == nullptr) return;
  for (const msg::AgentView& agent : agents_) {
    node_->sip.unregister_station(agent.profile.user);
    node_->sip.lose_station_legs(agent.profile.user);
  }
}

std::size_t Robots::stations_with_a_leg() const {
  return static_cast<std::size_t>(std::count_if(agents_.begin(), agents_.end(), [](const msg::AgentView& agent) { return agent.has_leg; }));
}

// --- agents -------------------------------------------------------------------------------------------------------

void Robots::act_as_agents() {
  if (agents_asked_ && agents_asked_->answer) {
    agents_ = agents_asked_->answer->agents;
    agents_asked_.reset();
    for (const msg::AgentView& agent : agents_) act_as(agent);
  }
  if (!agents_asked_ || agents_asked_->error) agents_asked_ = test::ask_later<msg::AgentsView>(stage_, node_->context.agents, msg::GetAgents{}, seconds(20));
}

void Robots::order(const std::string& user, msg::AgentVerb verb) {
  const msg::AgentCommand command_to_agent{user, verb, "robot"};
  command(node_->context.agents, [&](const caf::actor& to) { return test::ask_later<msg::Answer>(stage_, to, command_to_agent); }, {});
}

void Robots::act_as(const msg::AgentView& agent) {
  const std::string& user = agent.profile.user;
  act_at_the_phone(agent);
  switch (agent.state) {
    case AgentState::logged_out:
      if (!is_day_over_ && agent.is_registered && is_likely(300)) order(user, msg::AgentVerb::login);
      return;
    case AgentState::on_break:
      if (!is_day_over_ && is_likely(300)) order(user, msg::AgentVerb::ready);
      else if (is_day_over_) order(user, msg::AgentVerb::logout);
      return;
    case AgentState::ready:
      if (is_day_over_ || is_likely(4)) order(user, msg::AgentVerb::logout);
      else if (is_likely(10)) order(user, msg::AgentVerb::take_break);
      return;
    case AgentState::talking:
    case AgentState::hold: return act_in_talk(agent);
    case AgentState::wrap_up:
      if (is_likely(250)) dispose(agent);
      return;
    case AgentState::reserved:
      if (is_likely(20)) order(user, msg::AgentVerb::force_logout);
      return;
    case AgentState::preview:
    case AgentState::connecting:
    case AgentState::callback_due:
    case AgentState::supervising:
    case AgentState::link_lost: return;
  }
}

/// Phones register, dial in when their leg is gone, and now and then fall silent.
void Robots::act_at_the_phone(const msg::AgentView& agent) {
  const std::string& user = agent.profile.user;
  if (!agent.is_registered) {
    if (!is_day_over_ && is_likely(300)) node_->sip.register_station(user);
    return;
  }
  const bool is_working = agent.state != AgentState::logged_out;
  if (is_working && !agent.has_leg && is_likely(300)) node_->sip.dial_in(LegId(++next_leg_), user);
  if (is_day_over_) return;
  if (is_likely(3)) node_->sip.lose_station_legs(user);
  if (is_likely(1)) node_->sip.unregister_station(user);
}

void Robots::act_in_talk(const msg::AgentView& agent) {
  const std::string& user = agent.profile.user;
  if (is_likely(50)) return order(user, msg::AgentVerb::hang_up);
  if (agent.state == AgentState::hold) return is_likely(300) ? order(user, msg::AgentVerb::resume) : void();
  if (is_likely(20)) order(user, msg::AgentVerb::hold);
  if (is_likely(4)) order(user, msg::AgentVerb::force_logout);
  if (is_likely(4)) order(user, msg::AgentVerb::login);  // At another desk.
}

void Robots::dispose(const msg::AgentView& agent) {
  const NetworkCall* call = network_.last_of(agent.attempt);
  static constexpr std::array<Outcome, 8> said{Outcome::rpc_promise,  Outcome::rpc_refusal,   Outcome::rpc_callback,
                                               Outcome::rpc_hardship, Outcome::wrong_number,  Outcome::hung_up_at_identification,
                                               Outcome::cease_request, Outcome::represented};
  msg::DisposeCall disposal;
  disposal.user = agent.profile.user;
  disposal.outcome = Outcome::agent_machine;
  if (call != nullptr && call->person_answered_at) disposal.outcome = said[lots_.below(said.size())];
  if (disposal.outcome == Outcome::rpc_promise) {
    disposal.promise = PromiseTerms{Money{100'00, Currency::rub}, civil_from_days(stage_.now().ms / days(1).ms + 2), {}};
  }
  if (disposal.outcome == Outcome::rpc_callback) disposal.callback_at = stage_.now() + minutes(static_cast<std::int64_t>(5 + lots_.below(3000)));
  command(node_->context.agents, [&](const caf::actor& to) { return test::ask_later<msg::Answer>(stage_, to, disposal); },
          [this, disposal](const msg::Answer& answer) {
            const auto attempt = AttemptId::parse(answer.text);
            const auto promised = disposal.promise ? std::optional(disposal.promise->date) : std::nullopt;
            if (attempt) judges_.on_disposition_told(*attempt, disposal.outcome, promised);
          });
}

// --- operators ----------------------------------------------------------------------------------------------------

void Robots::act_as_operators() {
  if (is_likely(30)) take_a_payment();
  if (is_likely(12)) record_a_bar();
  if (is_likely(8)) import_some();
  if (is_likely(30)) find_a_twin();
  if (is_likely(5)) edit_a_campaign();
  if (is_likely(5) || !paused_for_.empty()) pause_a_campaign();
  dial_out_of_turn();
}

/// A file of new people and of some that are known with other sums; the paid are not in it, and some rows carry a bar.
void Robots::import_some() {
  std::vector<std::size_t> persons;
  std::vector<CaseDraft> rows;
  for (Person& person : people_.all()) {
    if (person.paid_at || lots_.below(5) < 3) continue;
    person.draft.debts.front().overdue.minor += static_cast<std::int64_t>(lots_.below(3)) * 100;
    person.draft.debts.front().balance = person.draft.debts.front().overdue;
    if (lots_.below(40) == 0) person.draft.restrictions = {RestrictionFlag{"hold", stage_.now(), "file"}};
    persons.push_back(person.index);
    rows.push_back(person.draft);
  }
  import_rows(rows, persons);
}

void Robots::import_rows(const std::vector<CaseDraft>& rows, const std::vector<std::size_t>& persons) {
  const std::string name = "file" + std::to_string(files_.size());
  File& file = files_[name];
  file.rows = rows;
  file.persons = persons;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].restrictions.empty()) file.barred.insert(persons[i]);
  }
  node_->imports.files[name] = rows;
  say_("import " + name + " rows=" + std::to_string(rows.size()));
  const msg::StartImport start{{name, "north", "", ""}, false};
  command(node_->context.imports, [&](const caf::actor& to) { return test::ask_later<msg::Answer>(stage_, to, start); }, {});
}

void Robots::follow_imports() {
  if (imports_asked_ && imports_asked_->answer) {
    for (const msg::ImportView& job : imports_asked_->answer->imports) {
      if (job.state != msg::JobState::done || job.refused != 0) continue;
      const File& file = files_[job.file];
      for (const std::size_t index : file.persons) {
        Person& person = people_.all()[index];
        person.is_imported = true;
        if (file.barred.count(index) != 0 && !person.stopped_at) person.stopped_at = stage_.now();
      }
    }
    imports_asked_.reset();
  }
  if (!imports_asked_ || imports_asked_->error) imports_asked_ = test::ask_later<msg::ImportsView>(stage_, node_->context.imports, msg::GetImport{}, seconds(20));
}

/// A file shows two client numbers in one row: both cases are one person.
void Robots::find_a_twin() {
  const Person& person = people_.all()[lots_.below(people_.all().size())];
  const Person* twin = people_.twin_of(person);
  if (twin == nullptr || !person.is_imported || !twin->is_imported || person.paid_at || twin->paid_at) return;
  CaseDraft row = person.draft;
  row.keys.push_back(twin->draft.keys.front());
  say_("twins " + person.case_id.str() + " and " + twin->case_id.str());
  import_rows({row}, {person.index});
}

void Robots::take_a_payment() {
  Person& person = people_.all()[lots_.below(people_.all().size())];
  if (!person.is_imported || person.paid_at) return;
  const Debt& debt = person.draft.debts.front();
  // An import that is under way may still raise the sum: pay more than any file asks for.
  const PaymentFact payment{"pay" + std::to_string(++payments_), debt.external_id, Money{debt.balance.minor + 1'000'000'00, Currency::rub}, stage_.now()};
  say_("payment by " + person.case_id.str());
  command(node_->context.shard_for(person.case_id),
          [&](const caf::actor& to) { return test::ask_later<msg::Answer>(stage_, to, msg::RecordPayment{person.case_id, payment}); },
          [this, &person, id = payment.payment_id](const msg::Answer&) {
            person.paid_at = stage_.now();
            judges_.on_payment_told(person.case_id, id);
          });
}

void Robots::record_a_bar() {
  static constexpr std::array<const char*, 5> bars{"bankrupt", "represented", "hold", "cease", "a word nobody knows"};
  Person& person = people_.all()[lots_.below(people_.all().size())];
  if (!person.is_imported || person.stopped_at) return;
  const RestrictionSet restriction{RestrictionFlag{bars[lots_.below(bars.size())], stage_.now(), "doc"}, "robot"};
  say_("bar " + restriction.flag.name + " of " + person.case_id.str());
  command(node_->context.shard_for(person.case_id),
          [&](const caf::actor& to) { return test::ask_later<msg::Answer>(stage_, to, msg::SetRestriction{person.case_id, restriction}); },
          [this, &person, name = restriction.flag.name](const msg::Answer&) {
            person.stopped_at = stage_.now();
            judges_.on_bar_told(person.case_id, name);
          });
}

/// Other times to ring, other bounds; the bounds of the law stay what they are.
void Robots::edit_a_campaign() {
  const std::string name = lots_.below(2) == 0 ? "north" : "south";
  const auto stored = node_->context.documents->list("campaign");
  if (!stored) return;
  msg::PutCampaign put{{}, "robot"};
  for (const auto& [id, bytes] : *stored) {
    if (const auto campaign = decode_campaign(bytes); campaign && campaign->settings.name == name) put.settings = campaign->settings;
  }
  if (!put.settings.id.is_set()) return;
  put.settings.ring_timeout_ms = static_cast<std::uint32_t>(15'000 + lots_.below(4) * 5'000);
  put.settings.max_attempts_per_case_day = static_cast<std::uint32_t>(1 + lots_.below(5));
  if (lots_.below(2) == 0) put.settings.filter.portfolios = {"north", "south"};
  say_("edit " + put.settings.name);
  command(node_->context.campaigns, [&](const caf::actor& to) { return test::ask_later<msg::Answer>(stage_, to, put); }, {});
}

/// A slot that no pacing asked for, and the most urgent case of any shard for it.
void Robots::dial_out_of_turn() {
  for (const auto& [campaign, asked] : slots_asked_) {
    if (!asked->answer) continue;
    for (const msg::Slot& slot : asked->answer->slots) ask_for(slot, campaign);
  }
  slots_asked_.erase(std::remove_if(slots_asked_.begin(), slots_asked_.end(), [](const auto& each) { return each.second->is_over(); }), slots_asked_.end());
  if (!is_likely(60)) return;
  msg::AcquireSlots acquire;
  acquire.campaign = CampaignId(1 + lots_.below(2));
  acquire.count = 1;
  slots_asked_.emplace_back(acquire.campaign, test::ask_later<msg::SlotsGranted>(stage_, node_->context.edge, acquire, seconds(20)));
}

/// As a campaign would: what finds no case is given back.
void Robots::ask_for(const msg::Slot& slot, CampaignId campaign) {
  const Person& person = people_.all()[lots_.below(people_.all().size())];
  msg::DialNext dial;
  dial.campaign = campaign;
  dial.slot = slot;
  stage_.system().spawn([dial, shard = node_->context.shard_for(person.case_id), edge = node_->context.edge](caf::event_based_actor* self) {
    const msg::ReleaseSlot release{dial.slot.attempt, dial.slot.trunk};
    self->request(shard, to_chrono(seconds(15)), dial)
        .then(
            [self, edge, release](const msg::DialAnswered& answer) {
              if (answer.kind != msg::DialAnswered::Kind::placed) tell(self, edge, release);
            },
            [](const caf::error&) {});  // In doubt: the slot ends with its own life.
  });
}

void Robots::pause_a_campaign() {
  for (auto paused = paused_for_.begin(); paused != paused_for_.end();) {
    if (--paused->second > 0) {
      ++paused;
      continue;
    }
    judges_.on_resume_asked(CampaignId(paused->first == "north" ? 1 : 2));
    const msg::CommandCampaign resume{paused->first, CampaignCommand::resume, "robot"};
    command(node_->context.campaigns, [&](const caf::actor& to) { return test::ask_later<msg::Answer>(stage_, to, resume); }, {});
    paused = paused_for_.erase(paused);
  }
  if (!paused_for_.empty() || !is_likely(5)) return;
  const std::string name = lots_.below(2) == 0 ? "north" : "south";
  paused_for_[name] = static_cast<int>(10 + lots_.below(60));
  say_("pause " + name);
  const msg::CommandCampaign pause{name, CampaignCommand::pause, "robot"};
  command(node_->context.campaigns, [&](const caf::actor& to) { return test::ask_later<msg::Answer>(stage_, to, pause); },
          [this, name](const msg::Answer&) {
            if (paused_for_.count(name) != 0) judges_.on_pause_told(CampaignId(name == "north" ? 1 : 2));
          });
}

}  // namespace dunlin::sim
