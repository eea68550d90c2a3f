/* Clocks a Verilator model of a stream unit: beats in, results out, no Python a cycle.

   Its input is i, or there are two, i_a and i_w, where APART is defined. */

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>

#include "Vunit.h"
#include "verilated.h"

/* Verilator writes an underscore that follows another as ___05F. */
#ifdef APART
enum { INPUTS = 2 };
#define FOR_EACH_INPUT(DO) DO(0, i_a___05F) DO(1, i_w___05F)
#else
enum { INPUTS = 1 };
#define FOR_EACH_INPUT(DO) DO(0, i___05F)
#endif
#define O_PAYLOAD o___05Fpayload
#define O_VALID o___05Fvalid
#define O_READY o___05Fready

/* Ports of up to 64 bits are numbers, wider ones words of 32 bits. */
template <class T> static void put(T &port, const uint64_t *words) { port = T(words[0]); }
template <std::size_t W> static void put(VlWide<W> &port, const uint64_t *words) {
    memcpy(port.data(), words, W * sizeof(uint32_t));
}
template <class T> static void get(const T &port, uint64_t *words) { words[0] = port; }
template <std::size_t W> static void get(const VlWide<W> &port, uint64_t *words) {
    memcpy(words, port.data(), W * sizeof(uint32_t));
}

/* A small generator for stalls: true in `rate` of 256 draws. */
static bool draw(uint64_t &state, unsigned rate) {
    if (!rate) return false;
    state ^= state << 13; state ^= state >> 7; state ^= state << 17;
    return (state >> 24 & 255) < rate;
}

struct Input {
    const uint64_t *next;
    int64_t left, words;
    bool offered;

    template <class D, class B>
    void offer(uint64_t &state, unsigned stall_rate, D &payload, B &valid) {
        if (!offered && left && !draw(state, stall_rate)) {
            offered = true;
            put(payload, next);
        }
        valid = offered;
    }
    void advance(bool ready) {
        if (!offered || !ready) return;
        offered = false;
        left--;
        next += words;
    }
};

/* Cycles after the last result in which none may follow. */
static const int64_t AFTER = 256;

/* `beats`, `counts`, `words`: of each input its beats, how many, and the words of each. Return the
   cycles from the first beat to the last result, -1 for more results than there is room for, -2 for
   fewer when the deadline has passed. `fault` tells whether the unit's fault is up. */
extern "C" int64_t run(const uint64_t *const *beats, const int64_t *counts, const int64_t *words,
                       uint64_t *results, int64_t result_count, int64_t result_words,
                       unsigned stall_rate, uint64_t seed, int64_t deadline, int64_t *fault) {
    VerilatedContext context;
    auto top = std::make_unique<Vunit>(&context);
    Vunit &t = *top;
    t.rst = 1;
    t.clk = 0; t.eval();
    t.clk = 1; t.eval();
    t.rst = 0;
    uint64_t state = seed | 1;
    int64_t taken = 0, cycle = 0, done = 0;
    Input inputs[INPUTS];
    for (int k = 0; k < INPUTS; k++) inputs[k] = {beats[k], counts[k], words[k], false};
    while (done < AFTER && cycle < deadline) {
        bool waiting = taken < result_count;
        for (const Input &input : inputs) waiting |= input.left > 0;
        if (waiting) cycle++;
        else done++;
#define OFFER(k, port) inputs[k].offer(state, stall_rate, t.port##payload, t.port##valid);
        FOR_EACH_INPUT(OFFER)
        t.O_READY = !draw(state, stall_rate);
        t.clk = 0;
        t.eval();
        if (t.O_VALID && t.O_READY) {
            if (taken == result_count) return -1;
            get(t.O_PAYLOAD, results + taken++ * result_words);
        }
#define ADVANCE(k, port) inputs[k].advance(t.port##ready);
        FOR_EACH_INPUT(ADVANCE)
        t.clk = 1;
        t.eval();
    }
#ifdef FAULT
    *fault = t.fault;
#else
    *fault = 0;
#endif
    top->final();
    return taken == result_count ? cycle : -2;
}
