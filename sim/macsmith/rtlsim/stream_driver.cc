/* Clocks a Verilator model of a stream unit: beats in, results out, no Python a cycle.

   Its inputs are those that INPUTS and FOR_EACH_INPUT name; i if they are not defined. A beat may
   wait for results: those of which it is an answer. */

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "dice.h"
#include "Vunit.h"
#include "verilated.h"

/* Verilator writes an underscore that follows another as ___05F. */
#ifndef FOR_EACH_INPUT
#define INPUTS 1
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

struct Input {
    const uint64_t *next;
    /* Of each beat the results that must have been taken before it is offered; or none. */
    const int64_t *after;
    int64_t left, words, bits;
    bool offered;
    std::vector<uint64_t> junk;

    /* While nothing is offered the payload is junk, another one in each cycle. */
    template <class D, class B>
    void offer(Dice &stalls, Dice &noise, unsigned stall_rate, int64_t taken, D &payload, B &valid) {
        if (!offered && left && !stalls.draw(stall_rate) && (!after || *after <= taken)) {
            offered = true;
            put(payload, next);
        } else if (!offered) {
            junk.resize(words);
            for (int64_t k = 0; k < words; k++) {
                int64_t beyond = 64 * (k + 1) - bits;
                uint64_t mask = beyond <= 0 ? ~0ull : beyond >= 64 ? 0 : ~0ull >> beyond;
                junk[k] = noise.word() & mask;
            }
            put(payload, junk.data());
        }
        valid = offered;
    }
    void advance(bool ready) {
        if (!offered || !ready) return;
        offered = false;
        left--;
        next += words;
        if (after) after++;
    }
};

/* A result that waits stays, and stays the same. */
struct Rules {
    bool waiting;
    std::vector<uint64_t> held, now;

    template <class D> bool keeps(const D &payload, bool valid, bool ready, int64_t words) {
        now.assign(words, 0);
        if (valid) get(payload, now.data());
        bool kept = !waiting || (valid && now == held);
        waiting = valid && !ready;
        if (waiting) held.swap(now);
        return kept;
    }
};

/* Cycles after the last result in which none may follow. */
static const int64_t AFTER = 256;

/* A run is given up after so many cycles without a transfer: no array drains as long. */
static const int64_t QUIET = 20000;

/* `beats`, `after`, `counts`, `words`, `bits`: of each input its beats, the results that each waits
   for (or null), how many there are, and their size. Return the
   cycles from the first beat to the last result, -1 for more results than there is room for, -2 for
   fewer when the deadline has passed, -4 for a result that did not wait. Before the run, `cut`
   cycles of the same beats from other places on are broken off by a reset. `fault` tells whether
   the unit's fault is up. */
extern "C" int64_t run(const uint64_t *const *beats, const int64_t *const *after, const int64_t *counts,
                       const int64_t *words,
                       const int64_t *bits, uint64_t *results, int64_t result_count, int64_t result_words,
                       unsigned stall_rate, unsigned away_rate, uint64_t seed, int64_t deadline, int64_t cut,
                       int64_t *fault) {
    VerilatedContext context;
    auto top = std::make_unique<Vunit>(&context);
    Vunit &t = *top;
    /* Stalls are drawn apart, so that another driver makes the same ones. */
    Dice stalls(seed), noise(~seed);
    Rules rules;
    int64_t taken = 0, cycle = 0, done = 0;
    Input inputs[INPUTS];
    auto reset = [&](bool anywhere) {
        t.rst = 1;
        t.clk = 0; t.eval();
        t.clk = 1; t.eval();
        t.rst = 0;
        rules = Rules();
        for (int k = 0; k < INPUTS; k++) {
            int64_t from = anywhere && counts[k] ? noise.word() % counts[k] : 0;
            inputs[k] = Input{beats[k] + from * words[k], after[k] ? after[k] + from : nullptr,
                              counts[k] - from, words[k], bits[k], false, {}};
        }
    };
    reset(cut > 0);
    int64_t quiet = 0, moved = 0;
    while (done < AFTER && cycle < deadline && quiet++ < QUIET) {
        bool prelude = cut > 0, waiting = taken < result_count;
        int64_t transfers = taken;
        for (const Input &input : inputs) {
            waiting |= input.left > 0;
            transfers -= input.left;
        }
        /* Work that a reset breaks off may end long before. */
        if (transfers != moved || prelude) quiet = 0;
        moved = transfers;
        if (!prelude) (waiting ? cycle : done)++;
#define OFFER(k, port) inputs[k].offer(stalls, noise, stall_rate, taken, t.port##payload, t.port##valid);
        FOR_EACH_INPUT(OFFER)
        t.O_READY = !stalls.draw(away_rate);
        t.clk = 0;
        t.eval();
        if (!rules.keeps(t.O_PAYLOAD, t.O_VALID, t.O_READY, result_words)) return -4;
        if (t.O_VALID && t.O_READY && !prelude) {
            if (taken == result_count) return -1;
            get(t.O_PAYLOAD, results + taken++ * result_words);
        }
#define ADVANCE(k, port) inputs[k].advance(t.port##ready);
        FOR_EACH_INPUT(ADVANCE)
        t.clk = 1;
        t.eval();
        if (prelude && --cut == 0) reset(false);
    }
#ifdef FAULT
    *fault = t.fault;
#else
    *fault = 0;
#endif
    top->final();
    return taken == result_count ? cycle : -2;
}
