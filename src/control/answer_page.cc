#include "control/answer_page.h"

#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>

#include "base/text.h"
#include "control/answering.h"
#include "io/net/url.h"
#include "notices/book.h"
#include "view/page.h"
#include "view/view.h"

namespace davy::control {
namespace {

using namespace std::chrono_literals;

// Nobody may frame it, keep it, or learn the token from where a link led.
std::vector<std::pair<std::string, std::string>> headers() {
  return {{"Content-Type", "text/html; charset=utf-8"},
          {"Cache-Control", "no-store"},
          {"Referrer-Policy", "no-referrer"},
          {"X-Content-Type-Options", "nosniff"},
          {"Content-Security-Policy",
           "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"}};
}

io::HttpSaid page(unsigned status, std::string_view title, const std::string& body) {
  auto html = fmt::format(
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\"><title>{0}</title><style>{1}"
      "</style></head><body><main><h1>{0}</h1>{2}</main></body></html>",
      html_escaped(title), view::style_sheet(), body);
  return {.status = status, .body = std::move(html), .headers = headers()};
}

std::string line(std::string_view name, const std::string& value) {
  return value.empty() ? "" : fmt::format("<dt>{}</dt><dd>{}</dd>", name, html_escaped(printable(value)));
}

std::string form(const Pending& open, std::string_view verb) {
  return fmt::format(
      "<form method=\"post\"><p><label>A word on it, if you like: <input name=\"note\" maxlength=\"500\"></label></p>"
      "<p><button type=\"submit\">{} as {}</button></p></form>",
      verb, html_escaped(printable(open.asked.person)));
}

io::HttpSaid question(const Pending& open) {
  auto& step = open.about();
  auto& book = open.state.runbook;
  bool approves = step.call.operation == "approve";
  std::string what;
  for (auto& s : book.subjects)
    what += fmt::format("{}{} {} → {}", what.empty() ? "" : ", ", s.service,
                        s.previous.none() ? "nothing" : s.previous.version, s.candidate.version);
  auto body = "<dl>" + line("asked", step.says) + line("item", step.path) + line("release", what) +
              line("environment", book.environment) + line("began", open.state.started_by) + line("run", open.run.id) +
              line("until", timestamp(open.asked.until)) + "</dl>" + form(open, approves ? "Approve" : "Confirm") +
              "<h2>What will be done</h2><pre>" + html_escaped(view::runbook_tree(book, {.width = 100})) + "</pre>";
  return page(200, approves ? "Do you approve?" : "Do you confirm?", body);
}

io::HttpSaid refused(const Error& why) {
  auto status = why.code == Code::invalid ? 404u : why.code == Code::refused ? 409u : 503u;
  return page(status, "Nothing was answered", fmt::format("<p>{}</p>", html_escaped(printable(why.message))));
}

io::HttpSaid answered(const Steered& how, const Pending& open) {
  if (how.in_vain) return page(409, "Nothing was changed", fmt::format("<p>{}</p>", html_escaped(how.answer)));
  if (how.how != Steered::How::answered)  // nobody drove the run, or it had gone on: who can say whether it was heard?
    return page(503, "Handed over",
                fmt::format("<p>What became of it <code>davy status {}</code> tells.</p>", html_escaped(open.run.id)));
  return page(200, "Noted",
              fmt::format("<p>{} {}: it is on record as your answer. You may close this page.</p>",
                          html_escaped(open.about().path),
                          open.about().call.operation == "approve" ? "is approved" : "is confirmed"));
}

std::string address_of(Runs& runs, const std::string& run) {
  auto events = runs.events(run);
  if (!events || events->empty()) return "";
  auto started = std::get_if<run::Started>(&events->front().event);
  auto book = started ? notices::book_from(started->runbook.notices) : Result<notices::Book>(notices::Book{});
  return book ? book->answers.listen : "";
}

}  // namespace

// A proxy may have it below a path of its own: the token is what stands last.
io::HttpSaid answer_page(Runs& runs, const io::HttpAsked& asked) {
  auto path = asked.path();
  auto token = std::string(path.substr(path.rfind('/') + 1));
  bool looks = asked.method == "GET" || asked.method == "HEAD";
  if (!looks && asked.method != "POST") return {.status = 405, .headers = {{"Allow", "GET, POST"}}};
  if (token.empty()) return page(404, "Nothing is asked here", "<p>The link in your letter has a token behind it.</p>");
  auto open = pending(runs, token);
  if (!open) return refused(open.error());
  if (looks) return question(*open);
  auto how = answer(runs, token, io::form_value(asked.body, "note"));
  return how ? answered(*how, *open) : refused(how.error());
}

void serve_answers(Runs& runs, const std::string& run, std::stop_token stop,
                   const std::function<void(const std::string&)>& say) {
  auto address = address_of(runs, run);
  if (address.empty()) return;
  asio::io_context context{1};
  std::stop_callback ends(stop, [&] { context.stop(); });
  std::unique_ptr<io::HttpServer> server;
  asio::steady_timer again(context);
  std::function<void()> open = [&] {
    auto opened = io::HttpServer::open(context.get_executor(), {.address = address, .answer = [&](io::HttpAsked asked) {
                                                                  return answer_page(runs, asked);
                                                                }});
    if (opened) return void(server = *std::move(opened));
    say("no answers are taken yet: " + to_string(opened.error()));
    again.expires_after(5s);
    again.async_wait([&](auto error) { error ? void() : open(); });
  };
  open();
  auto stays = asio::make_work_guard(context);
  if (!stop.stop_requested()) context.run();
}

}  // namespace davy::control
