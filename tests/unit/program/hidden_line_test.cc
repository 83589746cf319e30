// A line that must not be seen: nothing of it shows on a terminal, and a pipe works as well.
#include "program/hidden_line.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

namespace besa::program {
namespace {

// Standard input is `text` for as long as this lives.
class Piped {
 public:
  explicit Piped(const std::string& text) : before_(::dup(STDIN_FILENO)) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    EXPECT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ::close(ends[1]);
    ::dup2(ends[0], STDIN_FILENO);
    ::close(ends[0]);
  }
  ~Piped() {
    ::dup2(before_, STDIN_FILENO);
    ::close(before_);
  }

 private:
  int before_;
};

TEST(HiddenLine, FromAPipe) {
  const struct {
    std::string input, line;
  } kTable[] = {{"secret\n", "secret"},
                {"secret", "secret"},
                {"one\ntwo\n", "one"},
                {std::string(16, 'x'), std::string(16, 'x')}};
  for (const auto& row : kTable) {
    const Piped input(row.input);
    const auto line = read_hidden_line("? ", 16);
    ASSERT_TRUE(line.has_value()) << row.input;
    EXPECT_EQ(*line, row.line);
  }
  for (const std::string& wrong : {std::string(), std::string("\n"), std::string(17, 'x')}) {
    const Piped input(wrong);
    EXPECT_EQ(read_hidden_line("? ", 16).error().kind, base::ErrorKind::malformed) << wrong.size();
  }
}

TEST(HiddenLine, ATerminalDoesNotShowIt) {
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto line = read_hidden_line("code? ", 64);
    ::_exit(line && *line == "secret" ? 0 : 1);
  }
  std::string shown;
  char piece[256];
  while (shown.find("code? ") == std::string::npos) {
    const ssize_t got = ::read(terminal, piece, sizeof piece);
    ASSERT_GT(got, 0);
    shown.append(piece, static_cast<std::size_t>(got));
  }
  EXPECT_EQ(::write(terminal, "secret\n", 7), 7);
  for (ssize_t got = 0; (got = ::read(terminal, piece, sizeof piece)) > 0;) {
    shown.append(piece, static_cast<std::size_t>(got));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(terminal);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_THAT(shown, testing::Not(testing::HasSubstr("secret")));
}

}  // namespace
}  // namespace besa::program
