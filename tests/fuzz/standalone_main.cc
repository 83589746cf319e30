// Runs a fuzz target without libFuzzer: on the files named, or on changed copies of the seeds in a folder. Everything
// comes from one fixed seed, so a failure comes again; before each input its number is kept, and printed if it breaks.
//
//   fuzz_NAME FILE...                                   each file once
//   fuzz_NAME [--seconds N] [--rounds N] [--seed N] FOLDER   seeds, then changed copies of them (or of nothing)
#include <unistd.h>
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;
namespace fs = std::filesystem;

constexpr std::size_t kLargestInput = 64 * 1024;

struct Options {
  std::uint64_t seconds = 2;
  std::uint64_t rounds = 4000;
  std::uint64_t seed = 1;
  std::vector<fs::path> paths;
};

// SplitMix64: small, the same everywhere.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : static_cast<std::size_t>(next() % bound); }
  std::uint8_t byte() { return static_cast<std::uint8_t>(next()); }

 private:
  std::uint64_t state_;
};

void cut(Input& input, Chance& chance) {
  if (!input.empty()) input.resize(chance.below(input.size()));
}
void flip(Input& input, Chance& chance) {
  if (!input.empty()) input[chance.below(input.size())] ^= static_cast<std::uint8_t>(1U << chance.below(8));
}
void put_edge(Input& input, Chance& chance) {
  constexpr std::array<std::uint8_t, 8> edges = {0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF, 0x0A, 0x22};
  if (!input.empty()) input[chance.below(input.size())] = edges[chance.below(edges.size())];
}
void grow(Input& input, Chance& chance) {
  const std::size_t at = chance.below(input.size() + 1);
  const std::size_t count = 1 + chance.below(16);
  if (input.size() + count > kLargestInput) return;
  Input extra(count);
  for (auto& b : extra) b = chance.byte();
  input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), extra.begin(), extra.end());
}
void drop(Input& input, Chance& chance) {
  if (input.empty()) return;
  const std::size_t from = chance.below(input.size());
  const std::size_t count = 1 + chance.below(input.size() - from);
  const auto begin = input.begin() + static_cast<std::ptrdiff_t>(from);
  input.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
}
void repeat(Input& input, Chance& chance) {
  if (input.empty() || input.size() * 2 > kLargestInput) return;
  const std::size_t from = chance.below(input.size());
  const std::size_t count = 1 + chance.below(input.size() - from);
  const Input part(input.begin() + static_cast<std::ptrdiff_t>(from),
                   input.begin() + static_cast<std::ptrdiff_t>(from + count));
  input.insert(input.begin() + static_cast<std::ptrdiff_t>(chance.below(input.size())), part.begin(), part.end());
}

void change(Input& input, Chance& chance) {
  using Change = void (*)(Input&, Chance&);
  constexpr std::array<Change, 8> changes = {flip, flip, flip, put_edge, put_edge, grow, drop, repeat};
  const std::size_t times = 1 + chance.below(4);
  for (std::size_t i = 0; i < times; ++i) changes[chance.below(changes.size())](input, chance);
  if (chance.below(16) == 0) cut(input, chance);
}

Input random_input(Chance& chance) {
  Input input(chance.below(1 + (std::size_t{1} << chance.below(12))));
  for (auto& b : input) b = chance.byte();
  return input;
}

bool read_file(const fs::path& path, Input& out) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return false;
  out.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  return true;
}

// What was being run, for the message of a crash. Written before each input, read by the signal handler only.
std::array<char, 96> g_current{};

void say_where(int signal_number) {
  const std::string_view text(g_current.data());
  if (write(STDERR_FILENO, text.data(), text.size()) < 0) _exit(1);
  std::signal(signal_number, SIG_DFL);
  std::raise(signal_number);
}

void run(const Input& input, const char* what, std::uint64_t number) {
  std::snprintf(g_current.data(), g_current.size(), "fuzz: broke on %s %llu (%zu bytes)\n", what,
                static_cast<unsigned long long>(number), input.size());
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

bool parse_options(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (!name.starts_with("--")) {
      options.paths.emplace_back(argv[i]);
      continue;
    }
    if (++i >= argc) return false;
    const std::uint64_t value = std::strtoull(argv[i], nullptr, 10);
    if (name == "--seconds") {
      options.seconds = value;
    } else if (name == "--rounds") {
      options.rounds = value;
    } else if (name == "--seed") {
      options.seed = value;
    } else {
      return false;
    }
  }
  return true;
}

std::vector<Input> read_seeds(const std::vector<fs::path>& paths) {
  std::vector<fs::path> files;
  for (const fs::path& path : paths) {
    if (fs::is_directory(path)) {
      for (const auto& item : fs::directory_iterator(path)) files.push_back(item.path());
    } else if (fs::exists(path)) {
      files.push_back(path);
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<Input> seeds;
  for (const fs::path& file : files) {
    Input input;
    if (read_file(file, input)) seeds.push_back(std::move(input));
  }
  return seeds;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse_options(argc, argv, options)) {
    std::fprintf(stderr, "usage: %s [--seconds N] [--rounds N] [--seed N] FILE-OR-FOLDER...\n", argv[0]);
    return 2;
  }
  for (const int signal_number : {SIGABRT, SIGSEGV, SIGILL, SIGFPE, SIGBUS}) std::signal(signal_number, say_where);

  const std::vector<Input> seeds = read_seeds(options.paths);
  std::uint64_t runs = 0;
  for (const Input& seed : seeds) run(seed, "seed", runs++);
  run({}, "the empty input", 0);
  const bool only_files = !options.paths.empty() && fs::is_regular_file(options.paths.front());

  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(options.seconds);
  Chance chance(options.seed);
  for (std::uint64_t round = 0; !only_files && round < options.rounds; ++round) {
    if (round % 64 == 0 && std::chrono::steady_clock::now() >= end) break;
    Input input = seeds.empty() || chance.below(32) == 0 ? random_input(chance) : seeds[chance.below(seeds.size())];
    if (!seeds.empty()) change(input, chance);
    run(input, "round", round);
    ++runs;
  }
  std::printf("fuzz: %llu inputs, %zu of them seeds\n", static_cast<unsigned long long>(runs + 1), seeds.size());
  return 0;
}
