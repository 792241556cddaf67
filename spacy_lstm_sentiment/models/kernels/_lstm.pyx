# distutils: language = c++
# cython: language_level=3, boundscheck=False, wraparound=False
"""The compiled kernel of lstm.hh, on arrays."""

from libc.stdint cimport int64_t
from libcpp cimport bool


cdef extern from "lstm.hh" namespace "lstm" nogil:
    enum class Isa:
        generic
        avx2
        avx512

    const int64_t ABSENT

    struct Projection:
        const float *vectors
        const float *weights
        const float *bias
        float *projected
        int64_t rows
        int64_t width
        int64_t groups

    struct Layer:
        const float *projected
        const float *recurrent
        int64_t directions
        int64_t units

    struct Documents:
        const int64_t *words
        const int64_t *starts
        const int64_t *lengths
        const int64_t *order
        int64_t reading

    struct Results:
        float *states
        float *pooled
        int64_t width
        int64_t max
        int64_t mean
        int64_t last

    bool supports(Isa isa)
    int64_t lanes_of "lstm::lanes"(Isa isa)
    void project_vectors "lstm::project"(Isa isa, const Projection &words)
    void read_documents "lstm::read"(
        Isa isa, const Layer &layer, const Documents &documents, const Results &results
    ) except +


cdef dict ISAS = {"generic": <int>Isa.generic, "avx2": <int>Isa.avx2, "avx512": <int>Isa.avx512}


def supported():
    """Names of the instruction sets that this processor has, the fastest last."""
    return [name for name, isa in ISAS.items() if supports(<Isa><int>isa)]


def lanes(str isa):
    """Units of a group, which the weights are packed by."""
    return lanes_of(<Isa><int>ISAS[isa])


def project(
    str isa,
    const float[:, ::1] vectors,
    const float[:, :, ::1] weights,
    const float[::1] bias,
    float[:, ::1] projected,
):
    """W x + b of vectors, each alike to the last bit whatever is beside it, outside Python's lock.

    vectors: (rows, width); weights: (groups, width, 4 * lanes); bias: (groups * 4 * lanes,), packed
        as lstm.hh says, for this instruction set.
    projected: (rows, groups * 4 * lanes), to be filled.
    """
    cdef Isa wanted = <Isa><int>ISAS[isa]
    cdef int64_t gates = 4 * lanes_of(wanted)
    if not supports(wanted):
        raise ValueError(f"this processor does not have {isa}")
    if weights.shape[2] != gates or bias.shape[0] != weights.shape[0] * gates:
        raise ValueError(f"the weights are not packed for {isa}")
    if vectors.shape[1] != weights.shape[1]:
        raise ValueError(f"vectors of {vectors.shape[1]} do not fit weights of {weights.shape[1]}")
    if projected.shape[0] != vectors.shape[0] or projected.shape[1] != bias.shape[0]:
        raise ValueError("projected needs a row a vector and a column a gate")
    if not vectors.shape[0]:
        return
    cdef Projection words = Projection(
        &vectors[0, 0],
        &weights[0, 0, 0],
        &bias[0],
        &projected[0, 0],
        vectors.shape[0],
        vectors.shape[1],
        weights.shape[0],
    )
    with nogil:
        project_vectors(wanted, words)


def read(
    str isa,
    const float[:, ::1] projected,
    const float[:, ::1] recurrent,
    int64_t units,
    const int64_t[::1] words,
    const int64_t[::1] starts,
    const int64_t[::1] lengths,
    const int64_t[::1] order,
    float[:, ::1] pooled,
    dict columns,
    float[:, ::1] states=None,
):
    """Read the documents in `order`, none of them empty, outside Python's lock.

    projected: (words, directions * gates), and recurrent: (directions, units * gates), are packed
        as lstm.hh says, for this instruction set.
    words: (tokens,); starts, lengths: (documents,).
    pooled: (documents, width); columns has the first one of each pooling: max, mean, last.
    states: (tokens, directions * units), if wanted.
    """
    cdef Isa wanted = <Isa><int>ISAS[isa]
    cdef int64_t directions = recurrent.shape[0]
    cdef int64_t gates = 4 * lanes_of(wanted) * -(-units // lanes_of(wanted))
    if not supports(wanted):
        raise ValueError(f"this processor does not have {isa}")
    if recurrent.shape[1] != units * gates or projected.shape[1] != directions * gates:
        raise ValueError(f"the weights are not those of {units} units, packed for {isa}")
    if not _fit(projected.shape[0], words, starts, lengths, order):
        raise ValueError("words, starts, lengths and order do not fit together")
    for column in columns.values():
        if not 0 <= column <= pooled.shape[1] - directions * units:
            raise ValueError(f"pooled is too narrow for column {column}")
    if pooled.shape[0] != lengths.shape[0]:
        raise ValueError("pooled needs a row a document")
    cdef float *first_state = NULL
    if states is not None:
        if states.shape[0] != words.shape[0] or states.shape[1] != directions * units:
            raise ValueError("states needs a row a token and a column a unit")
        first_state = &states[0, 0]
    if not order.shape[0]:
        return
    cdef Layer layer = Layer(&projected[0, 0], &recurrent[0, 0], directions, units)
    cdef Documents documents = Documents(
        &words[0], &starts[0], &lengths[0], &order[0], order.shape[0]
    )
    cdef Results results = Results(
        first_state,
        &pooled[0, 0],
        pooled.shape[1],
        columns.get("max", ABSENT),
        columns.get("mean", ABSENT),
        columns.get("last", ABSENT),
    )
    with nogil:
        read_documents(wanted, layer, documents, results)


cdef bint _fit(
    int64_t n_words,
    const int64_t[::1] words,
    const int64_t[::1] starts,
    const int64_t[::1] lengths,
    const int64_t[::1] order,
) noexcept nogil:
    cdef int64_t index, token, document
    if starts.shape[0] != lengths.shape[0]:
        return False
    for index in range(order.shape[0]):
        document = order[index]
        if not 0 <= document < lengths.shape[0] or lengths[document] < 1:
            return False
        if starts[document] < 0 or starts[document] > words.shape[0] - lengths[document]:
            return False
        for token in range(starts[document], starts[document] + lengths[document]):
            if not 0 <= words[token] < n_words:
                return False
    return True
