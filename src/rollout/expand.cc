#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "rollout/builder.h"
#include "rollout/urgent.h"

namespace davy::rollout {
namespace {

using namespace std::chrono_literals;
using run::UndoKind;

// One visitor, a few lines per kind: the plan's words on the left, steps on the right.
class Expanding {
 public:
  Expanding(Builder& b, const plan::Step& step) : b_(b), step_(step) {}

  void operator()(const plan::Check& c) {
    b_.together([&] {
      for (auto& name : c.groups)
        b_.inside("check/" + name, [&] {
          for (auto& item : b_.plan().group(name)->items)
            if (b_.here(item)) b_.add(as_the_step_says(probe(b_, item), item));
        });
    });
  }
  void operator()(const plan::Verify& v) {
    b_.together([&] {
      b_.inside("verify", [&] {
        for (auto& item : v.items) {
          if (!b_.here(item)) continue;
          auto s = probe(b_, item);
          if (!item.common.retry && !item.within) s.tries = 3;
          b_.add(as_the_step_says(s, item));
        }
      });
    });
  }
  void operator()(const plan::Run& r) {
    b_.returns_are_verified();
    b_.add(command(b_, "run", r.text, b_.text(r.cwd), step_.common));
  }
  void operator()(const plan::Migrate& m) {
    b_.returns_are_verified();
    b_.inside("migrate", [&] { b_.add(migration(b_, m, step_.common)); });
  }
  void operator()(const plan::Wait& w) {
    if (b_.users_meet_candidate() && b_.plan().sees("requests")) return void(b_.add(watch(w.length)));
    run::Step s{.path = "wait",
                .says = "wait for " + human(w.length),
                .timeout = w.length + 1min,
                .expected = w.length,
                .repeatable = true};
    s.call = {"wait", "", "wait", args({{"for", {}, spec::from_json(spec::encode(w.length))}})};
    b_.add(s);
  }
  void operator()(const plan::Start& s) {
    each(s.services, [&](auto& subject) {
      b_.shares_follow(step_) ? start_beside(b_, subject) : start_in_place(b_, subject, b_.beside(subject));
    });
  }
  void operator()(const plan::Stop& s) {
    each(s.services, [&](auto& subject) { stop_in_place(b_, subject); });
  }
  void operator()(const plan::Restart& r) {
    each(r.services, [&](auto& subject) { restart(b_, subject); });
  }
  void operator()(const plan::Ship& ships) {
    each(ships.services, [&](auto& subject) { ship(b_, subject, step_.common); });
  }
  void operator()(const plan::Maintenance& m) {
    if (m.on) b_.returns_are_verified_with_users();
    auto& mode = *b_.plan().maintenance;
    spec::Map with;
    if (mode.router)
      with.push_back(arg("page", b_.text(mode.page)));
    else
      with.push_back(arg("file", b_.text(mode.file)));
    run::Step s{.path = m.on ? "maintenance on" : "maintenance off",
                .subject = 0,
                .timeout = 1min,
                .repeatable = true,
                .effect = run::Effect::changes};
    s.says = m.on ? "answer every user with a clean 503" : "let users in again";
    s.call = {"maintenance", mode.router ? "router" : "file", m.on ? "on" : "off", args(with)};
    s.undo = {UndoKind::call, {"maintenance", s.call.name, "restore", args(with)}};
    b_.add(s);
    b_.close(m.on);
  }
  void operator()(const plan::Drain& d) {
    run::Step s{.path = "drain", .subject = 0, .timeout = d.within + 1min, .expected = d.within, .repeatable = true};
    s.says = fmt::format("wait until {}, {} at most", d.until ? d.until->text : "no session is open", human(d.within));
    spec::Map with{{"within", {}, spec::from_json(spec::encode(d.within))}};
    static constexpr std::string_view kOtherwise[] = {"hold", "close", "roll-back"};
    with.push_back(arg("otherwise", std::string(kOtherwise[static_cast<int>(d.otherwise)])));
    if (d.until) with.push_back(arg("until", d.until->text));
    s.call = {"drain", "", "wait", args(with)};
    apply(step_.common, s);
    b_.add(s);
  }
  void operator()(const plan::Traffic& t) { traffic(b_, t, step_.common); }
  void operator()(const plan::Canary& c) { canary(b_, c); }
  void operator()(const plan::BlueGreen& g) { blue_green(b_, g); }
  void operator()(const plan::Rolling& r) { rolling(b_, r); }
  void operator()(const plan::Releasing& r) { releasing(b_, r); }
  void operator()(const plan::Confirm& c) { person("confirm", c.who, c.expires, false); }
  void operator()(const plan::Approve& a) { person("approve", a.role, a.expires, a.by_another); }
  void operator()(const plan::Backup& backup) { b_.add(copying(b_, backup, step_.common)); }
  // That somebody is not told stops no run, so it is over at once; who tells people sees it in the journal.
  void operator()(const plan::Notify& n) {
    run::Step s{.path = "notify " + n.name, .says = "tell people: " + n.name, .repeatable = true, .optional = true};
    s.call = {"notice", "", "tell", args({arg("name", n.name)})};
    apply(step_.common, s);
    b_.add(s);
  }

 private:
  // What trouble leads to, and how long one look may take, may be said of all items at once.
  run::Step as_the_step_says(run::Step s, const plan::Probe& item) const {
    auto& of_all = step_.common;
    if (of_all.on_trouble && !item.common.on_trouble && item.person == plan::Person::nobody)
      s.on_trouble = *of_all.on_trouble;
    if (of_all.timeout && !item.common.timeout && item.person == plan::Person::nobody)
      s.timeout += *of_all.timeout - kOneLook;
    return s;
  }
  void each(const std::vector<std::string>& services, auto body) {
    for (auto& s : b_.subjects())
      if (services.empty() || std::ranges::find(services, s.service) != services.end()) body(s);
  }
  void person(const std::string& operation, const std::string& who, Duration expires, bool by_another) {
    run::Step s{
        .path = operation + " " + who, .timeout = expires, .repeatable = true, .on_trouble = run::Trouble::hold};
    s.says =
        fmt::format("{} by {}, within {}", operation == "approve" ? "approval" : "confirmation", who, human(expires));
    s.call = asked_person(operation, who, who, by_another);
    apply(step_.common, s);
    b_.add(s);
  }

  Builder& b_;
  const plan::Step& step_;
};

std::map<std::string, std::string> variables_of(const plan::Plan& plan, const Request& request) {
  std::map<std::string, std::string> out{{"environment", request.environment}, {"run", request.run}};
  if (auto environment = plan.environment(request.environment)) {
    out["url"] = environment->url;
    for (auto& [name, value] : environment->variables) out[name] = value;
  }
  return out;
}

// Each release carries how it is run. That of the previous one comes with it, from the run that shipped it; where
// nobody knows (a person said what serves) it is run as the plan says now, with its own version.
void tell_how_they_run(Builder& b, run::Runbook& book) {
  for (std::int32_t i = 0; i < std::ssize(book.subjects); ++i) {
    auto& subject = book.subjects[static_cast<std::size_t>(i)];
    auto& options = b.service(subject).platform.options;
    subject.candidate.as = b.value(options, i, run::Side::candidate);
    if (!subject.previous.none() && subject.previous.as.null())
      subject.previous.as = b.value(options, i, run::Side::previous);
  }
}

void set_up(Builder& b, run::Runbook& book) {
  for (auto& service : b.plan().services) {
    run::ServiceSetup one{service.name, service.platform.name, {}, {}};
    auto chosen = [&](const plan::Provider& p) {
      return run::Chosen{p.name, b.value(p.options, book.index_of(service.name))};
    };
    one.secrets = service.secrets;
    if (service.router) one.router = chosen(*service.router);
    if (service.serves) one.serves = chosen(*service.serves);
    book.setup.services.push_back(std::move(one));
  }
  for (auto& signal : b.plan().signals)
    book.setup.signals.push_back({signal.name, {signal.provider.name, b.value(signal.provider.options)}, signal.every});
  book.setup.secrets = b.plan().secret_sources;
  book.setup.env_file = b.text(b.plan().environment(book.environment)->env_file);
}

run::Runbook frame(const plan::Plan& plan, const Request& request) {
  run::Runbook book{.environment = request.environment, .version = request.version, .subjects = request.subjects};
  book.setup.variables = variables_of(plan, request);
  book.rules = plan.judge.rules;
  book.looks = plan.judge.looks;
  book.compare = plan.judge.compare;
  book.baselines = plan.judge.baselines;
  book.kayenta = plan.judge.kayenta;
  book.planned_looks = plan.judge.planned_looks;
  book.alpha = plan.judge.alpha.value, book.worse_by = plan.judge.worse_by, book.warm_up = plan.judge.warm_up;
  book.rollback_window = plan.rollback_window;
  book.secrets = plan.secrets;
  book.notices = notices::to_value(notices::only_in(plan.notices, request.environment));
  return book;
}

}  // namespace

std::string no_version(const std::string& version) {
  constexpr std::size_t kLongest = 128;
  if (trimmed(version).empty()) return "the version is empty: is a variable of your script not set?";
  if (version.size() > kLongest)
    return fmt::format("a version has at most {} bytes, this one has {}", kLongest, version.size());
  if (version.starts_with('-')) return "a version cannot begin with `-`";
  bool odd = std::ranges::any_of(version, [](unsigned char c) { return c <= ' ' || c == 0x7f; });
  return odd ? "a version has neither blanks nor control characters" : "";
}

namespace {

// Which hours are meant the machine's time zones say (ports/calendar.h), so the step carries the words.
void wait_for_the_window(Builder& b, const plan::Environment& environment) {
  auto& window = environment.deploy_window;
  if (window.all.empty()) return;
  constexpr auto kAtMost = 24h * 400;
  run::Step s{.path = "deploy-window",
              .says = fmt::format("wait for the deploy window {} ({})", text_of(window), environment.timezone),
              .timeout = kAtMost,
              .repeatable = true};
  s.call = {"wait", "", "window",
            args({arg("zone", environment.timezone),
                  {"windows", {}, spec::from_json(spec::encode(window))},
                  {"freeze", {}, spec::from_json(spec::encode(environment.freeze))}})};
  b.add(s);
}

enum class Elsewhere { left_out, shown };

// What comes before the first of these only looks and asks.
bool changes(const plan::Step& step) {
  return std::visit(
      []<class T>(const T&) {
        return !spec::OneOf<T, plan::Check, plan::Verify, plan::Confirm, plan::Approve, plan::Notify, plan::Wait>;
      },
      step.what);
}

Result<run::Runbook> built(const plan::Plan& plan, const Request& request, const std::vector<plan::Step>& steps,
                           Elsewhere elsewhere = Elsewhere::left_out) {
  if (!plan.environment(request.environment))
    return fail(Code::invalid, fmt::format("the plan has no environment `{}`", request.environment));
  if (auto why = no_version(request.version); !why.empty()) return fail(Code::invalid, why);
  auto book = frame(plan, request);
  Builder b(plan, book, request.home);
  if (elsewhere == Elsewhere::shown) b.show_elsewhere();
  say_where_they_are(b, book);
  tell_how_they_run(b, book);
  set_up(b, book);
  if (&steps == &plan.rollout && !request.now) wait_for_the_window(b, *plan.environment(request.environment));
  bool made = &steps != &plan.rollout;
  for (auto& step : steps) {
    if (!std::exchange(made, made || changes(step)) && changes(step)) make_folders(b);
    b.drains_within(step.common.drain_within);
    std::visit(Expanding(b, step), step.what);
  }
  b.finish();
  for (auto& one : book.baselines) one.recorded = b.text(one.recorded);
  if (b.problem()) return std::unexpected(*b.problem());
  return book;
}

}  // namespace

// A release list is a function of the version: going back means carrying it out again, forwards, with the previous
// version and without its migrations. Undo runs newest first, so the list of returns stands reversed before the list.
void releasing(Builder& b, const plan::Releasing& r) {
  b.returns_are_verified();
  b.inside("release", [&] {
    auto returns = b.count();
    b.inside("return", [&] {
      for (auto it = r.steps.rbegin(); it != r.steps.rend(); ++it) {
        auto run = std::get_if<plan::Run>(&it->what);
        if (!run || b.subjects().front().previous.none()) continue;
        auto again = command(b, "run", run->text, b.text(run->cwd, run::kNone, run::Side::previous), it->common);
        again.side = run::Side::previous;
        again.says = "with the previous version: " + again.says;
        again.undo = {UndoKind::call, again.call};
        again.call = {};
        again.effect = run::Effect::looks;
        b.add(again);
      }
    });
    auto first = b.count();
    for (auto& step : r.steps) {
      if (auto run = std::get_if<plan::Run>(&step.what))
        b.add(command(b, "run", run->text, b.text(run->cwd), step.common));
      if (auto m = std::get_if<plan::Migrate>(&step.what)) b.add(migration(b, *m, step.common));
    }
    b.covers(returns, first);
  });
}

// Steps that are not there in this environment are not there for anybody who looks at the rollout as a whole.
static std::vector<plan::Step> there(std::vector<plan::Step> steps, const std::string& environment) {
  std::erase_if(steps, [&](auto& step) {
    auto& where = step.common.only_in;
    return !where.empty() && std::ranges::find(where, environment) == where.end();
  });
  for (auto& step : steps)
    if (auto list = std::get_if<plan::Releasing>(&step.what)) list->steps = there(std::move(list->steps), environment);
  return steps;
}

// What is due after the rollout takes nothing back, so what exists for the way back alone is left out.
static Result<run::Duty> duty_of(const plan::Plan& plan, const Request& request, const plan::Watch& entry) {
  auto book = built(plan, request, there(entry.steps, request.environment));
  if (!book) return std::unexpected(book.error());
  run::Duty out{.name = entry.name, .when = entry.when, .steps = std::move(book->steps), .then = entry.on_trouble};
  std::erase_if(out.steps, [](auto& step) { return step.call.nothing(); });
  for (auto& step : out.steps) step.undo = {}, step.covers_first = step.covers_last = run::kNone;
  return out;
}

static Result<> add_watch(const plan::Plan& plan, const Request& request, run::Runbook& book) {
  book.zone = plan.environment(request.environment)->timezone;
  for (auto& entry : plan.watch) {
    auto& where = entry.only_in;
    if (!where.empty() && std::ranges::find(where, request.environment) == where.end()) continue;
    auto duty = duty_of(plan, request, entry);
    if (!duty) return std::unexpected(duty.error());
    if (!duty->steps.empty()) book.watch.push_back(*std::move(duty));
  }
  return {};
}

Result<run::Runbook> expand(const plan::Plan& whole, const Request& request) {
  if (request.urgent && !whole.urgent)
    return fail(Code::refused, "the plan says `urgent: no`", "deploy without --urgent; `davy promote` ends one bake");
  auto plan = whole;
  plan.rollout = there(std::move(plan.rollout), request.environment);
  auto book = built(plan, request, plan.rollout);
  if (!book) return book;
  if (auto added = add_watch(plan, request, *book); !added) return std::unexpected(added.error());
  if (request.urgent) hasten(*book);
  return book;
}

Result<run::Runbook> checklists(const plan::Plan& plan, const Request& request,
                                const std::vector<std::string>& groups) {
  plan::Check all{groups};
  if (groups.empty())
    for (auto& group : plan.checks) all.groups.push_back(group.name);
  for (auto& name : all.groups)
    if (!plan.group(name)) {
      std::vector<std::string> known;
      for (auto& group : plan.checks) known.push_back(group.name);
      return fail(Code::invalid, fmt::format("the plan has no checks `{}`; it has: {}", name,
                                             known.empty() ? "none" : joined(known, ", ")));
    }
  return built(plan, request, {plan::Step{{}, all, {}}}, Elsewhere::shown);
}

std::string release_id(const std::string& service, const std::string& version, const std::string& run) {
  auto id = service + "@" + version + "~" + run;
  for (auto& c : id)
    if (!std::isalnum(static_cast<unsigned char>(c)) && !std::string_view("-_.~+@").contains(c)) c = '_';
  return id;
}

}  // namespace davy::rollout
