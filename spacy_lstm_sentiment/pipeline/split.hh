// The tokens of FastTokenizer's regular expression, one alternative after the other, over stretches
// of ASCII between white space. What is not ASCII is left to the regular expression itself.
//
// No alternative reads across white space: neither what it looks back at nor what it looks ahead for
// tells white space from the beginning or end of a text. So each stretch can be split on its own.

#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace split {

// A token with the space after it, which belongs to it, or a stretch whose tokens are not known.
struct Piece {
  int64_t start, end;
  bool is_token;
};

constexpr uint32_t NEXT_LINE = 0x85;

inline bool is_space(uint32_t c) {
  if (c < 128) return c == ' ' || (c >= 9 && c <= 13) || (c >= 28 && c <= 31);
  return c == NEXT_LINE || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
         c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

// MARK: an accent of its own, or what is not seen.
inline bool is_mark(uint32_t c) {
  return (c >= 0x300 && c <= 0x36f) || c == 0xad || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x2060 && c <= 0x2064) || c == 0xfe0e || c == 0xfe0f || c == 0xfeff;
}

// All that follows is of ASCII.
inline bool is_digit(uint32_t c) { return c - '0' < 10; }
inline bool is_letter(uint32_t c) { return (c | 32) - 'a' < 26 || is_digit(c); }  // or a digit
inline bool is_word(uint32_t c) { return is_letter(c) || c == '_'; }
inline bool is_quote(uint32_t c) { return c == '\'' || c == '`'; }
inline bool is_in(const char *set, uint32_t c) { return c && std::strchr(set, static_cast<int>(c)); }
inline uint32_t lower(uint32_t c) { return c - 'A' < 26 ? c + 32 : c; }

constexpr std::string_view NEGATED[] = {
    "ai", "are",  "ca", "could", "dare", "did",  "do",  "does",   "had", "has",  "have",
    "is", "might", "must", "need", "sha", "should", "was", "were", "wo", "would"};

// Tokens of a stretch, which has neither white space nor anything but ASCII.
template <class Char>
class Stretch {
 public:
  Stretch(const Char *text, int64_t begin, int64_t end) : text_(text), begin_(begin), end_(end) {}

  // The end of the token that starts at i.
  int64_t token(int64_t i) const {
    uint32_t c = text_[i];
    if (is_letter(c)) return word(i);
    int64_t e;
    if (is_quote(c) && (e = contraction(i))) return e;
    if (is_in(":;=()<^->\\", c) && (e = emoticon(i))) return e;
    if (c == '@' && !is_word(before(i)) && is_word(at(i + 1))) return run(i + 1, is_word);
    if (c == '#' && is_letter(at(i + 1)) && !is_digit(at(i + 1))) return run(i + 1, is_letter);
    if (is_in(".-!?*_", c)) return run_of(i, c);
    return i + 1;
  }

 private:
  uint32_t at(int64_t i) const { return i < end_ ? text_[i] : 0; }
  uint32_t before(int64_t i) const { return i > begin_ ? text_[i - 1] : 0; }

  template <class Is>
  int64_t run(int64_t i, Is is) const {
    while (i < end_ && is(text_[i])) ++i;
    return i;
  }

  int64_t run_of(int64_t i, uint32_t c) const {
    return run(i, [c](uint32_t other) { return other == c; });
  }

  bool starts(int64_t i, std::string_view with) const {
    for (char c : with)
      if (at(i++) != static_cast<uint32_t>(c)) return false;
    return true;
  }

  int64_t word(int64_t i) const {
    int64_t e;
    if ((text_[i] == 'h' || text_[i] == 'w') && (e = link(i))) return e;
    if (is_digit(text_[i]) && (e = number(i))) return e;
    e = run(i, is_letter);
    uint32_t next = at(e);
    if (!ends_in_nt(e) && next != '_' && !is_quote(next)) return e;
    if (int64_t face = underlined(i)) return face;
    // did | nt
    if (ends_in(e, 'n', 't') && e - i > 2 && next != '_' && is_negated(i, e - 2))
      return e - 2;
    // did | n't
    if (is_quote(next) && lower(before(e)) == 'n' && lower(at(e + 1)) == 't' && !is_word(at(e + 2)))
      return e - 1 > i ? e - 1 : e + 2;
    return e;
  }

  int64_t link(int64_t i) const {
    int64_t first = starts(i, "http://")    ? i + 7
                    : starts(i, "https://") ? i + 8
                    : starts(i, "www.")     ? i + 4
                                            : 0;
    if (!first) return 0;
    int64_t e = run(first, [](uint32_t c) { return !is_in("<>\"", c); });
    while (e > first && is_in("'.,:;!?)]", text_[e - 1])) --e;
    return e > first ? e : 0;
  }

  int64_t number(int64_t i) const {
    int64_t e = run(i, is_digit), whole = e;
    while ((at(e) == '.' || at(e) == ',') && is_digit(at(e + 1))) e = run(e + 1, is_digit);
    return e > whole ? e : 0;
  }

  // "nt" or "NT", in one case.
  bool ends_in_nt(int64_t e) const {
    return (before(e) == 't' && before(e - 1) == 'n') || (before(e) == 'T' && before(e - 1) == 'N');
  }

  bool ends_in(int64_t e, uint32_t first, uint32_t second) const {
    return lower(before(e)) == second && lower(before(e - 1)) == first;
  }

  // Whether it is a word after which "nt" is taken for "n't".
  bool is_negated(int64_t i, int64_t e) const {
    for (std::string_view known : NEGATED) {
      size_t k = 0, length = static_cast<size_t>(e - i);
      while (k < known.size() && k < length && lower(text_[i + k]) == uint32_t(known[k])) ++k;
      if (k == known.size() && k == length) return true;
    }
    return false;
  }

  // o_O, T_T
  int64_t underlined(int64_t i) const {
    int64_t e = run_of(i + 1, '_');
    bool fits = lower(text_[i]) == 'o' ? lower(at(e)) == 'o' : text_[i] == 'T' && at(e) == 'T';
    return e > i + 1 && fits && !is_word(at(e + 1)) ? e + 1 : 0;
  }

  // 's, 'll, n't without its n
  int64_t contraction(int64_t i) const {
    uint32_t c = lower(at(i + 1)), d = lower(at(i + 2));
    if (is_in("sdm", c) && !is_word(at(i + 2))) return i + 2;
    bool two = (c == 'r' && d == 'e') || (c == 'v' && d == 'e') || (c == 'l' && d == 'l');
    return two && !is_word(at(i + 3)) ? i + 3 : 0;
  }

  int64_t emoticon(int64_t i) const {
    uint32_t c = text_[i];
    int64_t e;
    if (is_in(":;=", c) && (e = face(i))) return e;
    if ((c == '(' || c == ')') && i == begin_) {
      e = i + 1 + (at(i + 1) == '-');
      if ((at(e) == ':' || at(e) == '=') && e + 1 == end_) return end_;
    }
    if (c == '<') {
      e = i + 1 + (at(i + 1) == '/');
      return at(e) == '3' && !is_word(at(e + 1)) ? e + 1 : 0;
    }
    if (c == '\\') return starts(i, "\\o/") ? i + 3 : 0;
    if (is_in("^->;", c)) {
      e = run_of(i + 1, '_');
      uint32_t end = c == '>' ? '<' : c;
      return (e > i + 1 || c == '^') && at(e) == end ? e + 1 : 0;
    }
    return 0;
  }

  // Eyes, perhaps a nose or tears, and a mouth.
  int64_t face(int64_t i) const {
    int64_t mouth = i + 1;
    while (mouth < i + 3 && is_in("-^'", at(mouth))) ++mouth;
    uint32_t c = at(mouth);
    if (c == '(' || c == ')') {
      int64_t e = run_of(mouth, c);
      if (is_word(at(e))) --e;
      return e > mouth ? e : 0;
    }
    if (is_word(before(i))) return 0;
    int64_t e = c == 'D' ? run_of(mouth, c) : is_in("pPoOsS3/\\|*", c) ? mouth + 1 : 0;
    return e && !is_word(at(e)) && !is_in("/*|", at(e)) ? e : 0;
  }

  const Char *text_;
  int64_t begin_, end_;
};

// The pieces of a text in their order. False where it cannot be split at white space: a mark that
// follows white space belongs to it, and a token may have the one space that is an ellipsis as well.
template <class Char>
bool split(const Char *text, int64_t length, std::vector<Piece> &pieces) {
  pieces.clear();
  for (int64_t i = 0; i < length;) {
    int64_t begin = i;
    uint32_t all = 0;
    if (is_space(text[i])) {
      for (; i < length && is_space(text[i]); ++i) {
        if (text[i] == NEXT_LINE) return false;
        all |= text[i];
      }
      if (i < length && is_mark(text[i])) return false;
      pieces.push_back({begin, i, all < 128});
      continue;
    }
    for (; i < length && !is_space(text[i]); ++i) all |= text[i];
    int64_t end = i;
    i += i < length && text[i] == ' ';
    if (all >= 128) {
      pieces.push_back({begin, i, false});
      continue;
    }
    Stretch<Char> stretch(text, begin, end);
    for (int64_t start = begin; start < end;) {
      int64_t next = stretch.token(start);
      pieces.push_back({start, next == end ? i : next, true});
      start = next;
    }
  }
  return true;
}

// Numbers of distinct tokens of ASCII.
class Numbers {
 public:
  Numbers() : slots_(1 << 12) {}

  // A token's number, or -1 where it is new: then it gets the one that is given.
  template <class Char>
  int64_t find(const Char *token, int64_t length, int64_t number) {
    uint64_t hash = 14695981039346656037u;
    for (int64_t k = 0; k < length; ++k) hash = (hash ^ token[k]) * 1099511628211u;
    hash ^= hash >> 32;
    for (size_t at = hash;; ++at) {
      Slot &slot = slots_[at & (slots_.size() - 1)];
      if (slot.length < 0) {
        slot = {hash, static_cast<int64_t>(characters_.size()), length, number};
        characters_.append(token, token + length);
        if (2 * ++n_used_ > slots_.size()) grow();
        return -1;
      }
      if (slot.hash == hash && slot.length == length &&
          std::equal(token, token + length, characters_.begin() + slot.start,
                     [](Char a, char b) { return a == static_cast<Char>(b); }))
        return slot.number;
    }
  }

 private:
  struct Slot {
    uint64_t hash = 0;
    int64_t start = 0, length = -1, number = 0;
  };

  void grow() {
    std::vector<Slot> old(2 * slots_.size());
    old.swap(slots_);
    for (const Slot &slot : old) {
      if (slot.length < 0) continue;
      size_t at = slot.hash;
      while (slots_[at & (slots_.size() - 1)].length >= 0) ++at;
      slots_[at & (slots_.size() - 1)] = slot;
    }
  }

  std::vector<Slot> slots_;
  std::string characters_;
  size_t n_used_ = 0;
};

}  // namespace split
