#pragma once
// The robot's desktop: commands to the node over its Unix control socket, one JSON line each way in turn; the
// answer is JSON lines, the last one has type "end" and the exit code. Event loop thread only. One command
// runs, a few may wait.
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "tools/peer/event_loop.hpp"
#include "tools/peer/json_log.hpp"

namespace dunlin::robot {

struct Reply {
  bool is_delivered = false;  ///< An end line came; otherwise the node did not answer.
  int exit = -1;
  std::vector<peer::Json> lines;  ///< Without the end line.
  std::string text;               ///< The raw lines, for complaints.
  bool is_success() const { return is_delivered && exit == 0; }
};

class DeskClient {
 public:
  using Command = std::vector<std::string>;
  using OnReply = std::function<void(const Reply& reply)>;

  DeskClient(peer::EventLoop& loop, std::string socket_path);
  ~DeskClient();
  DeskClient(const DeskClient&) = delete;
  DeskClient& operator=(const DeskClient&) = delete;

  /// The callback comes later, never from inside this call; beyond 64 waiting commands it says "not
  /// delivered".
  void run(Command command, OnReply on_reply);

 private:
  struct Waiting {
    Command command;
    OnReply on_reply;
  };
  void start_next();
  bool connect();
  void on_ready();
  void on_line(const std::string& line);
  void conclude(bool is_delivered, int exit);
  void disconnect();

  peer::EventLoop& loop_;
  std::string path_;
  int fd_ = -1;
  bool is_running_ = false;
  std::string inbox_;
  Reply reply_;
  std::deque<Waiting> waiting_;
  peer::EventLoop::TimerId timeout_ = 0;
  peer::EventLoop::TimerId starting_ = 0;
};

}  // namespace dunlin::robot
