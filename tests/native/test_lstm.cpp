// The kernel against the definition of an LSTM, in double precision, for sanitizers to watch:
// `make test-native`. Every array is as large as it has to be and no larger.

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "lstm.hh"

using lstm::Isa;

namespace {

std::mt19937 generator(0);

double normal() { return std::normal_distribution<double>()(generator); }

int64_t integer(int64_t from, int64_t to) {
  return std::uniform_int_distribution<int64_t>(from, to)(generator);
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

struct Case {
  int64_t units, directions, n_words;
  std::vector<int64_t> lengths, starts, words, order;
  std::vector<double> projected;  // (words, directions, 4, units)
  std::vector<double> recurrent;  // (directions, 4, units, units)

  Case(int64_t units, int64_t directions, std::vector<int64_t> lengths)
      : units(units), directions(directions), n_words(integer(1, 9)), lengths(lengths) {
    for (size_t document = 0; document < lengths.size(); ++document) {
      starts.push_back(words.size());
      for (int64_t n = 0; n < lengths[document]; ++n) words.push_back(integer(0, n_words - 1));
      if (lengths[document]) order.push_back(document);
    }
    std::shuffle(order.begin(), order.end(), generator);
    for (int64_t n = 0; n < n_words * directions * 4 * units; ++n) projected.push_back(normal());
    for (int64_t n = 0; n < directions * 4 * units * units; ++n)
      recurrent.push_back(normal() / std::sqrt(units));
  }
};

struct Read {
  std::vector<float> states, pooled;  // (tokens, width), (documents, 3 * width): max, mean, last
};

// Gate by gate, as it is written in books.
Read expect(const Case &c) {
  const int64_t width = c.directions * c.units;
  Read read{std::vector<float>(c.words.size() * width),
            std::vector<float>(c.lengths.size() * 3 * width)};
  for (int64_t document : c.order)
    for (int64_t direction = 0; direction < c.directions; ++direction) {
      const int64_t length = c.lengths[document];
      std::vector<double> h(c.units), cell(c.units), sum(c.units), most(c.units, -2.0);
      for (int64_t step = 0; step < length; ++step) {
        const int64_t token = c.starts[document] + (direction ? length - 1 - step : step);
        const double *input =
            &c.projected[(c.words[token] * c.directions + direction) * 4 * c.units];
        std::vector<double> gates(input, input + 4 * c.units);
        for (int64_t gate = 0; gate < 4 * c.units; ++gate)
          for (int64_t unit = 0; unit < c.units; ++unit)
            gates[gate] += c.recurrent[(direction * 4 * c.units + gate) * c.units + unit] * h[unit];
        for (int64_t unit = 0; unit < c.units; ++unit) {
          cell[unit] = sigmoid(gates[c.units + unit]) * cell[unit] +
                       sigmoid(gates[unit]) * std::tanh(gates[2 * c.units + unit]);
          h[unit] = sigmoid(gates[3 * c.units + unit]) * std::tanh(cell[unit]);
          sum[unit] += h[unit];
          most[unit] = std::max(most[unit], h[unit]);
          read.states[token * width + direction * c.units + unit] = h[unit];
        }
      }
      float *pooled = &read.pooled[document * 3 * width + direction * c.units];
      for (int64_t unit = 0; unit < c.units; ++unit) {
        pooled[unit] = most[unit];
        pooled[width + unit] = sum[unit] / length;
        pooled[2 * width + unit] = h[unit];
      }
    }
  return read;
}

Read compute(const Case &c, Isa isa, bool everything) {
  const int64_t lanes = lstm::lanes(isa), groups = (c.units + lanes - 1) / lanes;
  const double scales[] = {-M_LOG2E, -M_LOG2E, -2 * M_LOG2E, -M_LOG2E};
  std::vector<float> projected(c.n_words * c.directions * groups * 4 * lanes);
  std::vector<float> recurrent(c.directions * groups * c.units * 4 * lanes);
  for (int64_t gate = 0; gate < 4; ++gate)
    for (int64_t unit = 0; unit < c.units; ++unit) {
      const int64_t group = unit / lanes, lane = unit % lanes, row = gate * c.units + unit;
      for (int64_t n = 0; n < c.n_words * c.directions; ++n)
        projected[((n * groups + group) * 4 + gate) * lanes + lane] =
            scales[gate] * c.projected[n * 4 * c.units + row];
      for (int64_t n = 0; n < c.directions; ++n)
        for (int64_t from = 0; from < c.units; ++from)
          recurrent[(((n * groups + group) * c.units + from) * 4 + gate) * lanes + lane] =
              scales[gate] * c.recurrent[(n * 4 * c.units + row) * c.units + from];
    }
  const int64_t width = c.directions * c.units;
  Read read;
  read.pooled.resize(c.lengths.size() * (everything ? 3 : 1) * width);
  if (everything) read.states.resize(c.words.size() * width);
  const lstm::Layer layer{projected.data(), recurrent.data(), c.directions, c.units};
  const lstm::Documents documents{c.words.data(), c.starts.data(), c.lengths.data(),
                                  c.order.data(), static_cast<int64_t>(c.order.size())};
  const lstm::Results results =
      everything
          ? lstm::Results{read.states.data(), read.pooled.data(), 3 * width, 0, width, 2 * width}
          : lstm::Results{nullptr, read.pooled.data(), width, lstm::ABSENT, 0, lstm::ABSENT};
  lstm::read(isa, layer, documents, results);
  return read;
}

void compare(const std::vector<float> &found, const std::vector<float> &expected, int64_t columns,
             int64_t stride, int64_t first, const char *what) {
  for (size_t n = 0; n < found.size(); ++n) {
    const float wanted = expected[n / columns * stride + first + n % columns];
    if (std::abs(found[n] - wanted) <= 1e-5) continue;
    std::fprintf(stderr, "%s: %zu is %g, not %g\n", what, n, found[n], wanted);
    std::exit(1);
  }
}

// W x + b of so many vectors, each value of which is summed up in double precision here.
void check_projection(Isa isa, int64_t rows, int64_t width, int64_t groups) {
  const int64_t gates = 4 * lstm::lanes(isa), columns = groups * gates;
  std::vector<float> vectors, weights, bias, projected(rows * columns), expected;
  for (int64_t n = 0; n < rows * width; ++n) vectors.push_back(normal() / std::sqrt(width));
  for (int64_t n = 0; n < width * columns; ++n) weights.push_back(normal());
  for (int64_t n = 0; n < columns; ++n) bias.push_back(normal());
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column) {
      double sum = bias[column];
      for (int64_t k = 0; k < width; ++k)
        sum += double(weights[(column / gates * width + k) * gates + column % gates]) *
               vectors[row * width + k];
      expected.push_back(sum);
    }
  lstm::project(isa, {vectors.data(), weights.data(), bias.data(), projected.data(), rows, width,
                      groups});
  compare(projected, expected, columns, columns, 0, "projected");
}

}  // namespace

int main() {
  const std::vector<std::vector<int64_t>> batches = {
      {}, {0}, {1}, {3, 0, 900, 1, 40}, std::vector<int64_t>(250, 2), {5, 4, 3, 2, 1, 0, 0, 9}};
  for (Isa isa : {Isa::generic, Isa::avx2, Isa::avx512}) {
    if (!lstm::supports(isa)) {
      std::printf("%d lanes: this processor has them not\n", static_cast<int>(lstm::lanes(isa)));
      continue;
    }
    int n_cases = 0;
    for (int64_t units : {1, 2, 4, 5, 8, 9, 16, 17, 31, 32, 33, 64})
      for (int64_t directions : {1, 2})
        for (std::vector<int64_t> lengths : batches) {
          for (int64_t &length : lengths) length = length > 9 ? length : length * integer(1, 3);
          const Case c(units, directions, lengths);
          const Read expected = expect(c);
          const int64_t width = directions * units;
          const Read all = compute(c, isa, true);
          compare(all.states, expected.states, width, width, 0, "states");
          compare(all.pooled, expected.pooled, 3 * width, 3 * width, 0, "pooled");
          const Read means = compute(c, isa, false);
          compare(means.pooled, expected.pooled, width, 3 * width, width, "means");
          ++n_cases;
        }
    for (int64_t rows : {0, 1, 2, 6, 7, 95, 96, 97, 300})
      for (int64_t width : {1, 12, 100}) check_projection(isa, rows, width, integer(1, 5));
    std::printf("%d lanes: %d cases\n", static_cast<int>(lstm::lanes(isa)), n_cases);
  }
}
