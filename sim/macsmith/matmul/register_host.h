/* A host of AXI4-Lite registers that may pause on each of the five channels. */

/* Answers of one kind: each stays, and stays the same, until it is taken; none comes unasked. */
struct Answers {
    int64_t asked = 0, taken = 0;
    bool waiting = false, broken = false;
    uint64_t held = 0;

    /* Look at a cycle; `asks`: an access is taken in it. */
    void see(bool asks, bool valid, bool ready, uint64_t answer) {
        broken |= valid && asked == taken;
        broken |= waiting && !(valid && answer == held);
        waiting = valid && !ready;
        held = answer;
        asked += asks;
        taken += valid && ready;
    }
};

/* Columns of an access. */
enum { WRITES, ADDRESS, DATA, STROBES, MASK, ANSWER, ACCESS };

/* `Bench` has the model as `top`, `dice`, `tick()`, `late()` and `cycles`; it calls `see` in every
   cycle, before the clock's edge. */
template <class Bench> struct RegisterHost {
    Bench &bench;
    unsigned stall = 0;
    Answers writes, reads;
    int64_t addressed = 0, filled = 0;
    bool awready, wready, bvalid, arready, rvalid;
    uint32_t bresp, rresp, rdata;

    explicit RegisterHost(Bench &bench) : bench(bench) {}
    void reset() {
        writes = reads = Answers();
        addressed = filled = 0;
    }
    bool broken() const { return writes.broken || reads.broken; }
    void see() {
        auto &t = *bench.top;
        awready = t.s_axil_awready;
        wready = t.s_axil_wready;
        bvalid = t.s_axil_bvalid;
        bresp = t.s_axil_bresp;
        arready = t.s_axil_arready;
        rvalid = t.s_axil_rvalid;
        rresp = t.s_axil_rresp;
        rdata = t.s_axil_rdata;
        /* A write is one as soon as both halves of it are taken. */
        addressed += t.s_axil_awvalid && awready;
        filled += t.s_axil_wvalid && wready;
        writes.see(std::min(addressed, filled) > writes.asked, bvalid, t.s_axil_bready, bresp);
        reads.see(t.s_axil_arvalid && arready, rvalid, t.s_axil_rready,
                  uint64_t(rdata) << 2 | rresp);
    }
    bool pauses() { return bench.dice.draw(stall); }
    void pause() { while (pauses() && !bench.late()) bench.tick(); }

    /* While nothing is offered the lines are junk. */
    void put_address(bool offered, uint32_t address) {
        auto &t = *bench.top;
        t.s_axil_awvalid = offered;
        t.s_axil_awaddr = offered ? address : bench.dice.word() >> 16 & 255;
        if (!offered) t.s_axil_awprot = bench.dice.word() >> 30 & 7;
    }
    void put_data(bool offered, uint32_t data, uint32_t strobes) {
        auto &t = *bench.top;
        t.s_axil_wvalid = offered;
        t.s_axil_wdata = offered ? data : uint32_t(bench.dice.word() >> 8);
        t.s_axil_wstrb = offered ? strobes : bench.dice.word() >> 20 & 15;
    }
    void put_read(bool offered, uint32_t address) {
        auto &t = *bench.top;
        t.s_axil_arvalid = offered;
        t.s_axil_araddr = offered ? address : bench.dice.word() >> 16 & 255;
        if (!offered) t.s_axil_arprot = bench.dice.word() >> 30 & 7;
    }

    /* Return the cycle in which a write was taken. Either half of it may come first. */
    int64_t write(uint32_t address, uint32_t value) {
        auto &t = *bench.top;
        bool address_first = bench.dice.draw(128), data_first = !address_first && bench.dice.draw(128);
        t.s_axil_bready = 0;
        if (stall && (address_first || data_first)) {
            put_address(address_first, address);
            put_data(data_first, value, 15);
            pause();
        }
        put_address(true, address);
        put_data(true, value, 15);
        do bench.tick(); while (!awready && !bench.late());
        const int64_t at = bench.cycles - 1;
        put_address(false, 0);
        put_data(false, 0, 0);
        pause();
        t.s_axil_bready = 1;
        do bench.tick(); while (!bvalid && !bench.late());
        t.s_axil_bready = 0;
        return at;
    }
    /* Read a register; `at` is the cycle in which the address was taken. */
    uint32_t read(uint32_t address, int64_t &at) {
        auto &t = *bench.top;
        put_read(true, address);
        t.s_axil_rready = 0;
        do bench.tick(); while (!arready && !bench.late());
        at = bench.cycles - 1;
        put_read(false, 0);
        pause();
        t.s_axil_rready = 1;
        do bench.tick(); while (!rvalid && !bench.late());
        t.s_axil_rready = 0;
        return rdata;
    }
    uint32_t read(uint32_t address) {
        int64_t at;
        return read(address, at);
    }

    /* Make accesses, each of `ACCESS` words; return how many were answered as they must be. Those
       of one kind follow one another while answers wait, those of the other wait for all. */
    int64_t make(const uint32_t *accesses, int64_t count) {
        for (int64_t first = 0, end; first < count; first = end) {
            const bool writing = accesses[first * ACCESS + WRITES];
            end = first + 1;
            while (end < count && bool(accesses[end * ACCESS + WRITES]) == writing) end++;
            int64_t right = writing ? all_writes(accesses + first * ACCESS, end - first)
                                    : all_reads(accesses + first * ACCESS, end - first);
            if (right < end - first) return first + right;
        }
        return count;
    }

  private:
    int64_t all_writes(const uint32_t *accesses, int64_t count) {
        auto &t = *bench.top;
        int64_t address = 0, data = 0, answered = 0;
        bool address_up = false, data_up = false;
        while (answered < count && !bench.late()) {
            address_up |= address < count && !pauses();
            data_up |= data < count && !pauses();
            const uint32_t *there = accesses + data * ACCESS;
            put_address(address_up, address_up ? accesses[address * ACCESS + ADDRESS] : 0);
            put_data(data_up, data_up ? there[DATA] : 0, data_up ? there[STROBES] : 0);
            t.s_axil_bready = !pauses();
            bench.tick();
            if (address_up && awready) address++, address_up = false;
            if (data_up && wready) data++, data_up = false;
            if (!bvalid || !t.s_axil_bready) continue;
            if (bresp != accesses[answered * ACCESS + ANSWER]) break;
            answered++;
        }
        put_address(false, 0);
        put_data(false, 0, 0);
        t.s_axil_bready = 0;
        return answered;
    }
    int64_t all_reads(const uint32_t *accesses, int64_t count) {
        auto &t = *bench.top;
        int64_t address = 0, answered = 0;
        bool up = false;
        while (answered < count && !bench.late()) {
            up |= address < count && !pauses();
            put_read(up, up ? accesses[address * ACCESS + ADDRESS] : 0);
            t.s_axil_rready = !pauses();
            bench.tick();
            if (up && arready) address++, up = false;
            if (!rvalid || !t.s_axil_rready) continue;
            const uint32_t *asked = accesses + answered * ACCESS;
            if (rresp != asked[ANSWER] || (rdata ^ asked[DATA]) & asked[MASK]) break;
            answered++;
        }
        put_read(false, 0);
        t.s_axil_rready = 0;
        return answered;
    }
};
