// What listens for Courier's imapd and logs its user in: courier_login IMAPD USER PASSWORD, in the folder that has the
// Maildir. Prints its port, a free one of 127.0.0.1, then serves until it is killed.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

std::string capabilities() {
  const char* text = std::getenv("IMAP_CAPABILITY");
  return (text != nullptr ? std::string(text) : "IMAP4rev1") + " ACL ACL2=UNION ENABLE UTF8=ACCEPT";
}

void say(int socket, const std::string& line) {
  const std::string text = line + "\r\n";
  if (::write(socket, text.data(), text.size()) != static_cast<ssize_t>(text.size())) _exit(1);
}

/// A line's words, quoted strings without their quotes.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"') {
      quoted = !quoted;
    } else if (c == '\\' && quoted && i + 1 < line.size()) {
      words.back() += line[++i];
    } else if (c == ' ' && !quoted) {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

/// The first line of what comes; the rest of the same read is dropped, as by Courier's own login.
std::string read_line(int socket) {
  std::string text;
  char chunk[4096];
  while (text.find("\r\n") == std::string::npos) {
    const ssize_t n = ::read(socket, chunk, sizeof chunk);
    if (n <= 0 || text.size() > 65536) _exit(0);
    text.append(chunk, static_cast<std::size_t>(n));
  }
  return text.substr(0, text.find("\r\n"));
}

/// Speaks until the user has logged in; returns the tag of the LOGIN, which imapd answers.
std::string log_in(int socket, const std::string& user, const std::string& password) {
  say(socket, "* OK [CAPABILITY " + capabilities() + "] Courier-IMAP ready.");
  for (;;) {
    const std::vector<std::string> words = words_of(read_line(socket));
    const std::string verb = words.size() > 1 ? words[1] : "";
    if (verb == "LOGIN" && words.size() == 4) {
      if (words[2] == user && words[3] == password) return words[0];
      say(socket, words[0] + " NO Login failed.");
    } else if (verb == "CAPABILITY") {
      say(socket, "* CAPABILITY " + capabilities());
      say(socket, words[0] + " OK CAPABILITY completed");
    } else if (verb == "LOGOUT") {
      say(socket, "* BYE Courier-IMAP server shutting down");
      say(socket, words[0] + " OK LOGOUT completed");
      _exit(0);
    } else {
      say(socket, words[0] + " NO Error in IMAP command received by server.");
    }
  }
}

[[noreturn]] void serve(int socket, char** argv) {
  const std::string tag = log_in(socket, argv[2], argv[3]);
  ::setenv("IMAPLOGINTAG", tag.c_str(), 1);
  for (const char* name : {"AUTHENTICATED", "AUTHADDR"}) ::setenv(name, argv[2], 1);
  ::setenv("PROTOCOL", "IMAP", 1);
  ::setenv("TCPREMOTEIP", "127.0.0.1", 1);
  ::setenv("TCPREMOTEPORT", "0", 1);
  ::dup2(socket, 0);
  ::dup2(socket, 1);
  ::execl(argv[1], "imapd", "Maildir", nullptr);
  _exit(127);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  ::signal(SIGCHLD, SIG_IGN);  // connections that end are reaped by the kernel
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* name = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener, name, size) != 0 || ::listen(listener, 64) != 0 || ::getsockname(listener, name, &size) != 0) {
    std::perror("courier_login");
    return 1;
  }
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  const pid_t self = ::getpid();
  for (;;) {
    const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    if (::fork() == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::signal(SIGCHLD, SIG_DFL);
      if (::getppid() == self) serve(socket, argv);
      _exit(1);
    }
    ::close(socket);
  }
}
