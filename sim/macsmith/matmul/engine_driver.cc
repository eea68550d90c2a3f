/* Clocks a Verilator model of the systolic engine: four streams and AXI4-Lite, no Python a cycle.

   A beat of a stream is its data words, then tlast; one of the results has the words of tkeep
   between them. Words are of 32 bits, the lowest first. */

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "dice.h"
#include "register_host.h"
#include "Vengine.h"
#include "verilated.h"

enum { FLAGS, M, K, N, PASSES, SETTINGS };
enum { BUSY = 1, DONE = 2, START = 1, RESET = 2, ERROR_SHIFT = 8, ERROR_MASK = 0xFF };
enum { OKAY = 0, SLVERR = 2 };
enum { INPUTS = 3, BUS_PAUSES = 4 };
enum { NO_RESET, BY_PORT, BY_REGISTER };
enum Failure {
    LATE = -1, TOO_MANY = -2, NOT_HELD = -3, NOT_CLEARED = -4, WRITTEN_LOST = -5, BAD_RESPONSE = -6,
    BUS_BROKEN = -7, BAD_ACCESS = -8, BAD_STATUS = -9, NOT_STOPPED = -10
};

/* Cycles after the last job in which no result may follow, and after an error no operand go. */
static const int64_t AFTER = 64;

template <class T> static void put(T &port, const uint32_t *words) {
    port = words[0];
    if constexpr (sizeof(T) == 8) port |= uint64_t(words[1]) << 32;
}
template <std::size_t W> static void put(VlWide<W> &port, const uint32_t *words) {
    memcpy(port.data(), words, W * sizeof *words);
}
template <class T> static void get(const T &port, uint32_t *words) {
    words[0] = uint32_t(port);
    if constexpr (sizeof(T) == 8) words[1] = uint32_t(port >> 32);
}
template <std::size_t W> static void get(const VlWide<W> &port, uint32_t *words) {
    memcpy(words, port.data(), W * sizeof *words);
}

/* Beats to be sent. `octets`: bytes of tdata; `since`: the cycle from which the last is offered. */
struct Source {
    const uint32_t *first;
    int64_t count, words, octets, since;
    unsigned stall;
    int64_t sent, last_taken;
    bool offered;
    std::vector<uint32_t> junk;

    void begin(int64_t from) { sent = from; offered = false; }
};

struct Bench {
    VerilatedContext context;
    std::unique_ptr<Vengine> top;
    Dice dice;
    Source sources[INPUTS];
    uint32_t *results;
    int64_t room, result_words, keep_words;
    unsigned result_stall;
    RegisterHost<Bench> host{*this};
    int64_t cycles, deadline, taken, last_result;
    bool prelude, overrun, changed, waiting;
    std::vector<uint32_t> held, now;

    template <class D, class B> void offer(Source &source, D &data, B &last, B &valid) {
        bool left = source.sent < source.count;
        bool early = source.sent + 1 == source.count && cycles < source.since && !prelude;
        if (!source.offered && left && !early && !dice.draw(source.stall)) {
            source.offered = true;
            const uint32_t *beat = source.first + source.sent * (source.words + 1);
            put(data, beat);
            last = beat[source.words];
        } else if (!source.offered) {
            /* Nothing is offered: the lines are junk, another one in each cycle. */
            source.junk.assign(source.words + 1, 0);
            for (int64_t k = 0; k < source.octets; k++)
                source.junk[k / 4] |= uint32_t(dice.word() >> 16 & 255) << 8 * (k % 4);
            put(data, source.junk.data());
            last = dice.word() >> 20 & 1;
        }
        valid = source.offered;
    }
    template <class B> void advance(Source &source, const B &ready) {
        if (!source.offered || !ready) return;
        source.offered = false;
        source.sent++;
        source.last_taken = cycles;
    }
    /* Check that a result that waits stays the same, and take it if it may go. */
    void take() {
        const bool valid = top->m_axis_result_tvalid, ready = top->m_axis_result_tready;
        const int64_t size = result_words + keep_words + 1;
        now.assign(size, 0);
        if (valid) {
            get(top->m_axis_result_tdata, now.data());
            get(top->m_axis_result_tkeep, now.data() + result_words);
            now[size - 1] = top->m_axis_result_tlast;
        }
        changed |= waiting && !(valid && now == held);
        waiting = valid && !ready;
        if (waiting) held = now;
        if (!valid || !ready || prelude) return;
        if (!room) { overrun = true; return; }
        memcpy(results, now.data(), size * sizeof *results);
        results += size;
        room--;
        taken++;
        last_result = cycles;
    }

    void tick() {
        Vengine &t = *top;
        offer(sources[0], t.s_axis_act_tdata, t.s_axis_act_tlast, t.s_axis_act_tvalid);
        offer(sources[1], t.s_axis_weight_tdata, t.s_axis_weight_tlast, t.s_axis_weight_tvalid);
        offer(sources[2], t.s_axis_channel_tdata, t.s_axis_channel_tlast, t.s_axis_channel_tvalid);
        t.m_axis_result_tready = !dice.draw(result_stall);
        t.clk = 0;
        t.eval();
        take();
        advance(sources[0], t.s_axis_act_tready);
        advance(sources[1], t.s_axis_weight_tready);
        advance(sources[2], t.s_axis_channel_tready);
        host.see();
        t.clk = 1;
        t.eval();
        cycles++;
    }
    bool late() const { return cycles >= deadline; }
    void begin(bool anywhere) {
        for (Source &source : sources)
            source.begin(anywhere && source.count ? dice.word() % source.count : 0);
    }
    /* Do something while nothing is offered; what the hosts offered is taken down first. */
    template <class Act> void in_silence(Act act) {
        const int64_t counts[INPUTS] = {sources[0].count, sources[1].count, sources[2].count};
        for (Source &source : sources) source.count = source.sent = 0, source.offered = false;
        act();
        for (int k = 0; k < INPUTS; k++) sources[k].count = counts[k];
    }
    void reset_by_port() {
        in_silence([&] {
            top->rst = 1;
            tick();
            tick();
            top->rst = 0;
            waiting = false;
            host.reset();
        });
    }
    /* After an error nothing is read or taken, and no job starts; the status stays. */
    bool stays_stopped(uint32_t control, uint32_t status, uint32_t state) {
        int64_t sent = 0, then = 0;
        for (const Source &source : sources) sent += source.sent;
        for (int64_t cycle = 0; cycle < AFTER; cycle++) tick();
        host.write(control, START);
        const bool refused = host.bresp == SLVERR;
        for (const Source &source : sources) then += source.sent;
        return refused && sent == then && host.read(status) == state;
    }
};

/* Run jobs one after the other. `shape`: jobs, result words, keep words, room for results,
   deadline, counters, cycles of other work before, how a reset breaks that off, accesses that are
   made first, in silence, cycles between reset and jobs; then of each input its beats, words, bytes, and the cycle before which
   its last beat is not offered. `stalls`: of the three inputs, of the results and of AXI4-Lite, in
   256. `addresses`: of the settings, of CONTROL, of STATUS, of the counters. `settings`: of each
   job.

   While a job runs, its registers are written anew with junk. `report`: of each job its status,
   beats of results and counters; then the cycles in which the start was written, the last result
   went, the status last said busy, it first said otherwise, and the last activations were taken.

   Return the cycles, or what failed. */
extern "C" int64_t run(const int64_t *shape, const uint32_t *stalls, uint64_t seed,
                       const uint32_t *addresses, const uint32_t *settings,
                       const uint32_t *accesses, const uint32_t *acts, const uint32_t *weights,
                       const uint32_t *channels, uint32_t *results, uint32_t *report) {
    const int64_t jobs = shape[0], counters = shape[5], cut = shape[6], how = shape[7];
    const int64_t first = shape[8], rest = shape[9];
    const uint32_t *beats[INPUTS] = {acts, weights, channels};
    const uint32_t control = addresses[SETTINGS], status = addresses[SETTINGS + 1];
    const uint32_t *counter = addresses + SETTINGS + 2;
    Bench b{};
    auto &host = b.host;
    b.top = std::make_unique<Vengine>(&b.context);
    b.dice = Dice(seed);
    for (int k = 0; k < INPUTS; k++) {
        const int64_t *size = shape + 10 + 4 * k;
        b.sources[k].first = beats[k];
        b.sources[k].count = size[0];
        b.sources[k].words = size[1];
        b.sources[k].octets = size[2];
        b.sources[k].since = size[3];
        b.sources[k].stall = stalls[k];
    }
    b.results = results;
    b.result_words = shape[1];
    b.keep_words = shape[2];
    b.room = shape[3];
    b.deadline = shape[4];
    b.result_stall = stalls[INPUTS];
    host.stall = stalls[BUS_PAUSES];
    b.reset_by_port();
    if (first) {
        int64_t right = 0;
        b.in_silence([&] { right = host.make(accesses, first); });
        *report = uint32_t(right);
        if (right < first) return BAD_ACCESS;
        b.reset_by_port();
    }
    b.begin(false);

    if (how != NO_RESET) {
        b.prelude = true;
        b.begin(true);
        for (int setting = 0; setting < SETTINGS; setting++)
            host.write(addresses[setting], settings[setting]);
        host.write(control, START);
        for (int64_t cycle = 0; cycle < cut; cycle++) b.tick();
        int failed = 0;
        if (how == BY_PORT) b.reset_by_port();
        else b.in_silence([&] {
            host.write(control, RESET | (b.dice.draw(128) ? START : 0));
            b.waiting = false;
            if (host.read(status)) failed = NOT_CLEARED;
            for (int64_t k = 0; k < counters; k++)
                if (host.read(counter[k])) failed = NOT_CLEARED;
            for (int setting = 0; setting < SETTINGS; setting++)
                if (host.read(addresses[setting]) != settings[setting]) failed = WRITTEN_LOST;
        });
        if (failed) return failed;
        b.changed = false;
        b.prelude = false;
        b.begin(false);
    }

    b.in_silence([&] { for (int64_t cycle = 0; cycle < rest; cycle++) b.tick(); });
    const int64_t start_of_run = b.cycles;
    for (int64_t job = 0; job < jobs; job++) {
        const uint32_t *mine = settings + job * SETTINGS;
        for (int setting = 0; setting < SETTINGS; setting++) {
            host.write(addresses[setting], mine[setting]);
            if (host.bresp) return BAD_RESPONSE;
        }
        int64_t started = host.write(control, START), busy = started, idle;
        if (host.bresp) return BAD_RESPONSE;
        uint32_t state;
        const int64_t before = b.taken;
        for (int64_t poll = 0;; poll++) {
            state = host.read(status, idle);
            if (!(state & BUSY) || b.late() || b.overrun) break;
            if (state != BUSY) return BAD_STATUS;
            busy = idle;
            /* A job is taken with its start: what is written now is for the next one. */
            if (poll < SETTINGS) host.write(addresses[poll], uint32_t(b.dice.word() >> 8));
        }
        *report++ = state;
        *report++ = uint32_t(b.taken - before);
        for (int64_t k = 0; k < counters; k++) *report++ = host.read(counter[k]);
        for (int64_t stamp : {started, b.last_result, busy, idle, b.sources[0].last_taken})
            *report++ = uint32_t(stamp);
        if (b.late()) return LATE;
        if (b.overrun) return TOO_MANY;
        if (b.changed) return NOT_HELD;
        if (host.broken()) return BUS_BROKEN;
        if (state >> ERROR_SHIFT & ERROR_MASK) {
            if (!b.stays_stopped(control, status, state)) return NOT_STOPPED;
            break;
        }
        if (state != DONE) return BAD_STATUS;
    }
    const int64_t cycles = b.cycles - start_of_run;
    b.result_stall = 0;
    for (int64_t cycle = 0; cycle < AFTER; cycle++) b.tick();
    if (b.overrun) return TOO_MANY;
    if (host.broken()) return BUS_BROKEN;
    b.top->final();
    return cycles;
}
