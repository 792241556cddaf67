// The splitting of texts on random ones: its pieces are the whole text, and it reads nothing else.

#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "split.hh"

namespace {

template <class Char>
void check(std::mt19937 &random, const std::string &signs) {
  std::vector<split::Piece> pieces;
  split::Numbers numbers;
  int64_t n_distinct = 0;
  for (int round = 0; round < 20000; ++round) {
    // Of memory of its own, so that a sanitizer knows its end.
    std::vector<Char> text(random() % 12);
    for (Char &c : text) c = static_cast<Char>(random() % 50 ? signs[random() % signs.size()] : random());
    if (!split::split(text.data(), static_cast<int64_t>(text.size()), pieces)) continue;
    int64_t end = 0;
    for (const split::Piece &piece : pieces) {
      if (piece.start != end || piece.end <= piece.start) std::abort();
      end = piece.end;
      if (!piece.is_token) continue;
      const Char *token = text.data() + piece.start;
      int64_t length = piece.end - piece.start;
      int64_t number = numbers.find(token, length, n_distinct);
      if (number < 0) number = n_distinct++;
      if (numbers.find(token, length, n_distinct) != number) std::abort();
    }
    if (end != static_cast<int64_t>(text.size())) std::abort();
  }
}

}  // namespace

int main() {
  std::mt19937 random(0);
  const std::string signs = "oOTntNT's`rvel www.http:/;=-^()D3pP/\\|*<>_@#1, .!?\n\t\x7f";
  check<uint8_t>(random, signs);
  check<uint16_t>(random, signs);
  check<uint32_t>(random, signs);
  std::puts("pieces of texts: ok");
}
