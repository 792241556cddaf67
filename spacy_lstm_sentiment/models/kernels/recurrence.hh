// An LSTM layer's arithmetic for one instruction set: see lstm.hh, which includes this for each.

namespace lstm {
namespace LSTM_ISA {

constexpr int64_t LANES = LSTM_LANES;
constexpr int64_t GATES = 4 * LANES;  // of one group of units
constexpr int DOCUMENTS = LSTM_DOCUMENTS;
constexpr int64_t SLOTS = 16 * DOCUMENTS;

typedef float Vector __attribute__((vector_size(4 * LSTM_LANES)));
typedef uint32_t Bits __attribute__((vector_size(4 * LSTM_LANES)));
typedef Vector Unaligned __attribute__((aligned(4), may_alias));

#define LSTM_INLINE LSTM_TARGET inline __attribute__((always_inline))

LSTM_INLINE Vector load(const float *from) { return *reinterpret_cast<const Unaligned *>(from); }

LSTM_INLINE void store(float *to, Vector value) { *reinterpret_cast<Unaligned *>(to) = value; }

// 2^x to within 2e-7 of it; x is cut to what the products of a step can hold.
LSTM_INLINE Vector exp2(Vector x) {
  const Vector limit = Vector{} + 36.0f;
  const Vector shift = Vector{} + 0x1.8p23f;  // rounds to an integer, and has it in its low bits
  x = x > limit ? limit : x;
  x = x < -limit ? -limit : x;
  const Vector shifted = x + shift;
  const Vector r = x - (shifted - shift);
  Vector power = Vector{} + 0x1.5bba14p-10f;
  power = power * r + 0x1.3cea88p-7f;
  power = power * r + 0x1.c6b752p-5f;
  power = power * r + 0x1.ebf9bcp-3f;
  power = power * r + 0x1.62e42ap-1f;
  power = power * r + 1.0f;
  return reinterpret_cast<Vector>(reinterpret_cast<Bits>(power) +
                                  (reinterpret_cast<Bits>(shifted) << 23));
}

// Add to the gates of N rows, for one group of units, weights times what each row has of `size`
// values; `stride` is from row to row.
template <int N>
LSTM_INLINE void multiply(Vector (&gates)[N][4], const float *weights, const float *rows,
                          int64_t size, int64_t stride) {
  for (int64_t k = 0; k < size; ++k, weights += GATES) {
    Vector value[N];
    for (int n = 0; n < N; ++n) value[n] = Vector{} + rows[n * stride + k];
    for (int gate = 0; gate < 4; ++gate) {
      const Vector weight = load(weights + gate * LANES);
      for (int n = 0; n < N; ++n) gates[n][gate] += weight * value[n];
    }
  }
}

// W x + b of some vectors side by side, for one group of units.
template <int N>
LSTM_INLINE void project(const Projection &words, int64_t first, int64_t group) {
  Vector gates[N][4];
  for (int n = 0; n < N; ++n)
    for (int gate = 0; gate < 4; ++gate)
      gates[n][gate] = load(words.bias + group * GATES + gate * LANES);
  multiply<N>(gates, words.weights + group * words.width * GATES,
              words.vectors + first * words.width, words.width, words.width);
  for (int n = 0; n < N; ++n)
    for (int gate = 0; gate < 4; ++gate)
      store(words.projected + ((first + n) * words.groups + group) * GATES + gate * LANES,
            gates[n][gate]);
}

// W x + b of all, each alike to the last bit whatever is beside it.
LSTM_TARGET inline void project(const Projection &words) {
  for (int64_t start = 0; start < words.rows; start += SLOTS) {  // which stay in the cache
    const int64_t end = std::min(start + SLOTS, words.rows);
    for (int64_t group = 0; group < words.groups; ++group) {
      int64_t row = start;
      for (; row + DOCUMENTS <= end; row += DOCUMENTS) project<DOCUMENTS>(words, row, group);
      for (; row < end; ++row) project<1>(words, row, group);
    }
  }
}

class Reader {
 public:
  LSTM_TARGET Reader(const Layer &layer, const Documents &documents, const Results &results,
                     int64_t direction)
      : layer_(layer),
        documents_(documents),
        results_(results),
        direction_(direction),
        groups_((layer.units + LANES - 1) / LANES),
        width_(groups_ * LANES),
        recurrent_(layer.recurrent + direction * groups_ * layer.units * GATES),
        memory_(5 * SLOTS * width_ + LANES) {
    float *memory = memory_.data();
    while (reinterpret_cast<uintptr_t>(memory) % sizeof(Vector)) ++memory;
    for (float **rows : {&hidden_, &next_, &cells_, &sums_, &maxima_}) {
      *rows = memory;
      memory += SLOTS * width_;
    }
  }

  LSTM_TARGET void read() {
    while (active_ < SLOTS && begin(active_)) ++active_;
    while (active_ > 0) {
      for (int64_t slot = 0; slot < active_; ++slot) {
        inputs_[slot] = row(slots_[slot], 0);
        ahead_[slot] = row(slots_[slot], slots_[slot].position + 1 < slots_[slot].length);
      }
      for (int64_t group = 0; group < groups_; ++group) {
        int64_t slot = 0;
        for (; slot + DOCUMENTS <= active_; slot += DOCUMENTS) step<DOCUMENTS>(slot, group);
        rest<DOCUMENTS - 1>(slot, group);
      }
      std::swap(hidden_, next_);
      for (int64_t slot = active_ - 1; slot >= 0; --slot) advance(slot);
    }
  }

 private:
  struct Slot {
    int64_t document, position, length;
  };

  // The next document that waits begins in a slot, if there is any.
  LSTM_TARGET bool begin(int64_t slot) {
    if (begun_ == documents_.reading) return false;
    const int64_t document = documents_.order[begun_++];
    slots_[slot] = {document, 0, documents_.lengths[document]};
    const int64_t start = slot * width_;
    std::fill_n(hidden_ + start, width_, 0.0f);
    std::fill_n(cells_ + start, width_, 0.0f);
    std::fill_n(sums_ + start, width_, 0.0f);
    std::fill_n(maxima_ + start, width_, -std::numeric_limits<float>::infinity());
    return true;
  }

  // The token that a slot reads, or reads in some steps.
  LSTM_INLINE int64_t token(const Slot &slot, int64_t ahead) const {
    const int64_t position = slot.position + ahead;
    return documents_.starts[slot.document] +
           (direction_ ? slot.length - 1 - position : position);
  }

  LSTM_INLINE const float *row(const Slot &slot, int64_t ahead) const {
    const int64_t word = documents_.words[token(slot, ahead)];
    return layer_.projected + (word * layer_.directions + direction_) * 4 * width_;
  }

  // One step of some documents side by side, for one group of units.
  template <int N>
  LSTM_INLINE void step(int64_t first, int64_t group) {
    Vector gates[N][4];
    for (int n = 0; n < N; ++n)
      for (int gate = 0; gate < 4; ++gate) {
        const int64_t column = group * GATES + gate * LANES;
        gates[n][gate] = load(inputs_[first + n] + column);
        __builtin_prefetch(ahead_[first + n] + column);
      }
    multiply<N>(gates, recurrent_ + group * layer_.units * GATES, hidden_ + first * width_,
                layer_.units, width_);
    for (int n = 0; n < N; ++n)
      activate(gates[n], (first + n) * width_ + group * LANES);
  }

  // The same for the last documents, which are fewer.
  template <int N>
  LSTM_INLINE void rest(int64_t first, int64_t group) {
    if constexpr (N > 0) {
      if (active_ - first == N)
        step<N>(first, group);
      else
        rest<N - 1>(first, group);
    }
  }

  // c = sigmoid(f) c + sigmoid(i) tanh(g); h = sigmoid(o) tanh(c); with one division each.
  LSTM_INLINE void activate(const Vector *gates, int64_t at) {
    const Vector input = 1.0f + exp2(gates[0]);
    const Vector forget = 1.0f + exp2(gates[1]);
    const Vector power = exp2(gates[2]);
    const Vector product = input * (1.0f + power);
    const Vector cell =
        (load(cells_ + at) * product + (1.0f - power) * forget) / (product * forget);
    const Vector squashed = exp2(cell * -0x1.715476p+1f);
    const Vector state =
        (1.0f - squashed) / ((1.0f + exp2(gates[3])) * (1.0f + squashed));
    const Vector maximum = load(maxima_ + at);
    store(cells_ + at, cell);
    store(next_ + at, state);
    store(sums_ + at, load(sums_ + at) + state);
    store(maxima_ + at, maximum > state ? maximum : state);
  }

  // Go on to a document's next token, or from its last to what takes its slot.
  LSTM_TARGET void advance(int64_t at) {
    Slot &slot = slots_[at];
    if (results_.states)
      write(results_.states + token(slot, 0) * layer_.directions * layer_.units, hidden_, at);
    if (++slot.position < slot.length) return;
    pool(slot, at);
    if (begin(at)) return;
    --active_;
    slots_[at] = slots_[active_];
    for (float *rows : {hidden_, cells_, sums_, maxima_})
      std::memmove(rows + at * width_, rows + active_ * width_, width_ * sizeof(float));
  }

  LSTM_TARGET void pool(const Slot &slot, int64_t at) {
    float *pooled = results_.pooled + slot.document * results_.width;
    if (results_.max != ABSENT) write(pooled + results_.max, maxima_, at);
    if (results_.last != ABSENT) write(pooled + results_.last, hidden_, at);
    if (results_.mean == ABSENT) return;
    float *sums = sums_ + at * width_;
    for (int64_t unit = 0; unit < layer_.units; ++unit) sums[unit] /= slot.length;
    write(pooled + results_.mean, sums_, at);
  }

  LSTM_TARGET void write(float *to, const float *rows, int64_t at) const {
    std::copy_n(rows + at * width_, layer_.units, to + direction_ * layer_.units);
  }

  const Layer &layer_;
  const Documents &documents_;
  const Results &results_;
  const int64_t direction_, groups_, width_;
  const float *recurrent_;
  std::vector<float> memory_;
  float *hidden_, *next_, *cells_, *sums_, *maxima_;  // (slots, width)
  Slot slots_[SLOTS];
  const float *inputs_[SLOTS], *ahead_[SLOTS];  // rows of this step and the next
  int64_t active_ = 0, begun_ = 0;
};

}  // namespace LSTM_ISA
}  // namespace lstm

#undef LSTM_ISA
#undef LSTM_LANES
#undef LSTM_TARGET
#undef LSTM_DOCUMENTS
#undef LSTM_INLINE
