// The projection of an LSTM's inputs, the recurrence over what is projected, and its pooling.
//
// Documents are read side by side in a few slots. One that ends makes room for the next, or, once
// all have begun, for the last slot's: nothing is ever padded. Each document's arithmetic has one
// order, whatever is read beside it, so that a score never depends on the batch.
//
// recurrence.hh is compiled once for each instruction set below; `supports` says at run time which
// of them this processor has.

#pragma once

#if !defined(__GNUC__)
#error "The kernel is written in GCC's vector types, which Clang has as well"
#endif

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

namespace lstm {

// Columns of a pooling in a row of `pooled`; ABSENT where it is not wanted.
constexpr int64_t ABSENT = -1;

// A word's row, and a step's gates, come in groups of as many units as a vector has lanes:
// (group, gate, lane), the gates in torch's order: input, forget, cell, output. All are scaled by
// -log2(e), the cell's by twice that, so that a sigmoid is 1 / (1 + 2^x). Lanes past the last unit
// are 0.
struct Projection {
  const float *vectors;  // (rows, width)
  const float *weights;  // (groups, width, 4, lanes), the groups of all directions
  const float *bias;     // (groups, 4, lanes)
  float *projected;      // (rows, groups, 4, lanes)
  int64_t rows, width, groups;
};

struct Layer {
  const float *projected;  // (words, directions, groups, 4, lanes): W x + b of each word
  const float *recurrent;  // (directions, groups, units, 4, lanes)
  int64_t directions;      // the second one reads backwards
  int64_t units;           // of one direction
};

struct Documents {
  const int64_t *words;    // (tokens,): each token's row of `projected`
  const int64_t *starts;   // (documents,): each one's first token
  const int64_t *lengths;  // (documents,): each at least 1 among those that are read
  const int64_t *order;    // (reading,): which documents to read, best the longest first
  int64_t reading;
};

struct Results {
  float *states;  // (tokens, directions, units), or null
  float *pooled;  // (documents, width)
  int64_t width;
  int64_t max, mean, last;  // the first column of each pooling, or ABSENT
};

}  // namespace lstm

// Documents that are computed at once are as many as their gates have registers.
#define LSTM_ISA generic
#define LSTM_LANES 4
#define LSTM_TARGET
#if defined(__aarch64__)
#define LSTM_DOCUMENTS 6
#else
#define LSTM_DOCUMENTS 3
#endif
#include "recurrence.hh"

#if defined(__x86_64__)
#define LSTM_ISA avx2
#define LSTM_LANES 8
#define LSTM_DOCUMENTS 3
#define LSTM_TARGET __attribute__((target("avx2,fma")))
#include "recurrence.hh"

#define LSTM_ISA avx512
#define LSTM_LANES 16
#define LSTM_DOCUMENTS 6
#define LSTM_TARGET __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")))
#include "recurrence.hh"
#endif

namespace lstm {

enum class Isa { generic, avx2, avx512 };

inline bool supports(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::avx2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (isa == Isa::avx512)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#endif
  return isa == Isa::generic;
}

inline int64_t lanes(Isa isa) {
  return isa == Isa::avx512 ? 16 : isa == Isa::avx2 ? 8 : 4;
}

// W x + b of vectors. What `supports` denies must not be asked for.
inline void project(Isa isa, const Projection &words) {
#if defined(__x86_64__)
  if (isa == Isa::avx512) return avx512::project(words);
  if (isa == Isa::avx2) return avx2::project(words);
#endif
  generic::project(words);
}

// Read documents in each direction. What `supports` denies must not be asked for.
inline void read(Isa isa, const Layer &layer, const Documents &documents, const Results &results) {
  for (int64_t direction = 0; direction < layer.directions; ++direction) {
#if defined(__x86_64__)
    if (isa == Isa::avx512) {
      avx512::Reader(layer, documents, results, direction).read();
      continue;
    }
    if (isa == Isa::avx2) {
      avx2::Reader(layer, documents, results, direction).read();
      continue;
    }
#endif
    generic::Reader(layer, documents, results, direction).read();
  }
}

}  // namespace lstm
