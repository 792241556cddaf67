# distutils: language = c++
# cython: language_level=3, boundscheck=False, wraparound=False
"""The tokens of many texts, as split.hh finds them."""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t
from libcpp cimport bool
from libcpp.vector cimport vector

import numpy


cdef extern from "Python.h":
    int PyUnicode_KIND(object text)
    void *PyUnicode_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)


cdef extern from "split.hh" namespace "split":
    struct Piece:
        int64_t start
        int64_t end
        bool is_token

    bool split[Char](const Char *text, int64_t length, vector[Piece] &pieces) except +

    cppclass Numbers:
        Numbers() except +
        int64_t find[Char](const Char *token, int64_t length, int64_t number) except +


def number_tokens(list texts, find_all):
    """Each token's number, the tokens of each text, and the distinct tokens by their numbers.

    find_all: Gives the tokens of a text, or of a stretch of one between white space.
    """
    cdef _Tokens tokens = _Tokens(find_all)
    lengths = numpy.empty(len(texts), "int64")
    cdef int64_t[::1] length_of = lengths
    cdef int64_t index, before
    for index in range(len(texts)):
        before = tokens.numbers.size()
        tokens.add(texts[index])
        length_of[index] = tokens.numbers.size() - before
    return tokens.array(), lengths, tokens.distinct


cdef class _Tokens:
    cdef object find_all
    cdef list distinct
    cdef dict others
    cdef Numbers known
    cdef vector[Piece] pieces
    cdef vector[int64_t] numbers

    def __init__(self, find_all):
        self.find_all = find_all
        self.distinct = []
        self.others = {}

    cdef add(self, str text):
        if text is None:
            raise TypeError("None is no text")
        cdef int64_t length = PyUnicode_GET_LENGTH(text)
        cdef int kind = PyUnicode_KIND(text)
        cdef void *data = PyUnicode_DATA(text)
        cdef bool whole
        if kind == 1:
            whole = split(<const uint8_t *>data, length, self.pieces)
        elif kind == 2:
            whole = split(<const uint16_t *>data, length, self.pieces)
        else:
            whole = split(<const uint32_t *>data, length, self.pieces)
        if not whole:
            self.add_others(text)
            return
        cdef int64_t next, number
        cdef Piece piece
        for piece in self.pieces:
            length = piece.end - piece.start
            next = len(self.distinct)
            if not piece.is_token:
                self.add_others(text[piece.start:piece.end])
                continue
            if kind == 1:
                number = self.known.find(<const uint8_t *>data + piece.start, length, next)
            elif kind == 2:
                number = self.known.find(<const uint16_t *>data + piece.start, length, next)
            else:
                number = self.known.find(<const uint32_t *>data + piece.start, length, next)
            if number < 0:
                self.distinct.append(text[piece.start:piece.end])
                number = next
            self.numbers.push_back(number)

    cdef add_others(self, str stretch):
        """Tokens by the regular expression; the same one may have a number of ASCII, too."""
        for token in self.find_all(stretch):
            number = self.others.get(token)
            if number is None:
                self.others[token] = number = len(self.distinct)
                self.distinct.append(token)
            self.numbers.push_back(number)

    cdef array(self):
        numbers = numpy.empty(self.numbers.size(), "int64")
        cdef int64_t[::1] view = numbers
        cdef size_t index
        for index in range(self.numbers.size()):
            view[index] = self.numbers[index]
        return numbers
