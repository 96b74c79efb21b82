// One world of the catalogue: traffic that breaks assumptions, on a candidate that is no worse or that is.
#pragma once
#include <string>
#include <vector>

namespace davy::bench {

struct World {
  std::string name;
  double rate = 200, seconds = 600;
  std::vector<double> shares = {0.05};     // in equal parts of the time
  double base = 0.001, refused = 0.01;     // errors, 4xx
  double fails = 0;                        // the candidate alone, besides
  double from = 0;                         // since when
  double refuses = 0;                      // the candidate alone, besides: 4xx
  double hangs = 0;                        // what it fails ends so many seconds later
  bool gives_up = false;                   // and is no error: by then its client went away
  double own_path = 0;                     // part of its requests that only it is asked for, and fails
  double down_gap = 0, down_length = 5;    // it is down, and its users are away when it is up again
  double swing = 0;                        // of the base, in about five minutes
  double day = 0;                          // of the requests and of the base, in a day
  double gap = 0, length = 1, lost = 0.2;  // of each instance: hiccups in which so many fail
  int own_instances = 1, other_instances = 1;
  double cold = 0, cold_fails = 0, slower = 1;                 // the candidate's first seconds
  double outage_gap = 0, outage_length = 5, outage_fails = 1;  // what both releases share is away, for both alike
  double outage_slow = 0;                                      // and so many more are slow meanwhile
  double burst = 1, spread = 0;  // errors that come together on one release, over so many seconds
  bool known = true;             // clients
  double lag = 0;                // all errors are time-outs that end so much later
  int broken = 0, people = 0;    // clients that fail once a second; clients uneven in all
  bool sticky = false;           // by a hash: who is where goes by the share
  int pollers = 0;               // dashboards that stay where they are and ask each 10 s
  bool cookie = false;           // they stay where they were first, and one in fifty requests is a new client's
  int services = 1;
  double heavy_own = 0, heavy_other = 0;  // part of the requests that go to an endpoint where 2 % fail
  bool paths = true;                      // the log tells them
  double realised = 1;                    // of the share that was asked for
  bool latencies = false;
  bool hurried = false;  // windows end early
  double window = 0.1;   // seconds
};

std::vector<World> equal_worlds();  // the candidate is no worse
std::vector<World> bad_worlds();

}  // namespace davy::bench
