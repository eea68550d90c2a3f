/* Clocks a Verilator model of the systolic engine: four streams and AXI4-Lite, no Python a cycle.

   A beat of a stream is its data words, then tlast; one of the results has the words of tkeep
   between them. Words are of 32 bits, the lowest first. */

#include <cstdint>
#include <cstring>
#include <memory>

#include "Vengine.h"
#include "verilated.h"

enum { FLAGS, M, K, N, PASSES, SETTINGS };
enum { BUSY = 1, START = 1, ERROR_SHIFT = 8, ERROR_MASK = 0xFF };

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

/* A small generator for stalls: true in `rate` of 256 draws. */
struct Dice {
    uint64_t state;
    bool draw(unsigned rate) {
        if (!rate) return false;
        state ^= state << 13; state ^= state >> 7; state ^= state << 17;
        return (state >> 24 & 255) < rate;
    }
};

struct Source {
    const uint32_t *next;
    int64_t left, words;
    unsigned stall;
    bool offered;
};

struct Bench {
    VerilatedContext context;
    std::unique_ptr<Vengine> top;
    Dice dice;
    Source act, weight, channel;
    uint32_t *results;
    int64_t room, result_words, keep_words;
    unsigned result_stall;
    int64_t cycles, deadline, taken;
    bool overrun, awready, bvalid, arready, rvalid;
    uint32_t bresp, rdata;

    template <class D, class B> void offer(Source &source, D &data, B &last, B &valid) {
        if (!source.offered && source.left && !dice.draw(source.stall)) {
            source.offered = true;
            put(data, source.next);
            last = source.next[source.words];
        }
        valid = source.offered;
    }
    template <class B> void advance(Source &source, const B &ready) {
        if (source.offered && ready) {
            source.offered = false;
            source.left--;
            source.next += source.words + 1;
        }
    }
    void take() {
        if (!top->m_axis_result_tvalid || !top->m_axis_result_tready) return;
        if (!room) { overrun = true; return; }
        get(top->m_axis_result_tdata, results);
        get(top->m_axis_result_tkeep, results + result_words);
        results[result_words + keep_words] = top->m_axis_result_tlast;
        results += result_words + keep_words + 1;
        room--;
        taken++;
    }

    void tick() {
        Vengine &t = *top;
        offer(act, t.s_axis_act_tdata, t.s_axis_act_tlast, t.s_axis_act_tvalid);
        offer(weight, t.s_axis_weight_tdata, t.s_axis_weight_tlast, t.s_axis_weight_tvalid);
        offer(channel, t.s_axis_channel_tdata, t.s_axis_channel_tlast, t.s_axis_channel_tvalid);
        t.m_axis_result_tready = !dice.draw(result_stall);
        t.clk = 0;
        t.eval();
        advance(act, t.s_axis_act_tready);
        advance(weight, t.s_axis_weight_tready);
        advance(channel, t.s_axis_channel_tready);
        take();
        awready = t.s_axil_awready;
        bvalid = t.s_axil_bvalid;
        bresp = t.s_axil_bresp;
        arready = t.s_axil_arready;
        rvalid = t.s_axil_rvalid;
        rdata = t.s_axil_rdata;
        t.clk = 1;
        t.eval();
        cycles++;
    }
    bool late() const { return cycles >= deadline; }

    uint32_t write(uint32_t address, uint32_t value) {
        top->s_axil_awaddr = address;
        top->s_axil_wdata = value;
        top->s_axil_wstrb = 15;
        top->s_axil_awvalid = top->s_axil_wvalid = top->s_axil_bready = 1;
        do tick(); while (!awready && !late());
        top->s_axil_awvalid = top->s_axil_wvalid = 0;
        do tick(); while (!bvalid && !late());
        return bresp;
    }
    uint32_t read(uint32_t address) {
        top->s_axil_araddr = address;
        top->s_axil_arvalid = top->s_axil_rready = 1;
        do tick(); while (!arready && !late());
        top->s_axil_arvalid = 0;
        do tick(); while (!rvalid && !late());
        return rdata;
    }
};

/* Run jobs one after the other. `shape`: jobs, result words, keep words, room for results,
   deadline, counters; then of each input its beats and words. `stalls`: of the three inputs and of
   the results, in 256. `addresses`: of the settings, of CONTROL, of STATUS, of the counters.
   `settings`: of each job. `report`: of each job its status, beats of results, and counters.
   Return the cycles, or -1 for a passed deadline, -2 for more results than there is room for. */
extern "C" int64_t run(const int64_t *shape, const uint32_t *stalls, uint64_t seed,
                       const uint32_t *addresses, const uint32_t *settings,
                       const uint32_t *acts, const uint32_t *weights, const uint32_t *channels,
                       uint32_t *results, uint32_t *report) {
    const int64_t jobs = shape[0], counters = shape[5];
    Bench b{};
    b.top = std::make_unique<Vengine>(&b.context);
    b.dice.state = seed | 1;
    b.act = {acts, shape[6], shape[7], stalls[0], false};
    b.weight = {weights, shape[8], shape[9], stalls[1], false};
    b.channel = {channels, shape[10], shape[11], stalls[2], false};
    b.results = results;
    b.result_words = shape[1];
    b.keep_words = shape[2];
    b.room = shape[3];
    b.deadline = shape[4];
    b.result_stall = stalls[3];

    int64_t left[3] = {b.act.left, b.weight.left, b.channel.left};
    b.act.left = b.weight.left = b.channel.left = 0;
    b.top->rst = 1;
    b.tick();
    b.tick();
    b.top->rst = 0;
    b.act.left = left[0];
    b.weight.left = left[1];
    b.channel.left = left[2];

    const uint32_t control = addresses[SETTINGS], status = addresses[SETTINGS + 1];
    const uint32_t *counter = addresses + SETTINGS + 2;
    for (int64_t job = 0; job < jobs; job++) {
        for (int setting = 0; setting < SETTINGS; setting++)
            b.write(addresses[setting], settings[job * SETTINGS + setting]);
        b.write(control, START);
        uint32_t state;
        const int64_t before = b.taken;
        do state = b.read(status); while ((state & BUSY) && !b.late() && !b.overrun);
        *report++ = state;
        *report++ = uint32_t(b.taken - before);
        for (int64_t k = 0; k < counters; k++) *report++ = b.read(counter[k]);
        if (b.late()) return -1;
        if (b.overrun) return -2;
        if (state >> ERROR_SHIFT & ERROR_MASK) break;
    }
    b.top->final();
    return b.cycles;
}
