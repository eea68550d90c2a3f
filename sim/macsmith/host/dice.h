/* Random words for stalls and junk in drivers: 64 bits of xorshift (Marsaglia, 2003). */

#include <cstdint>

struct Dice {
    uint64_t state = 1;

    Dice() = default;
    explicit Dice(uint64_t seed) : state(seed | 1) {}
    uint64_t word() {
        state ^= state << 13; state ^= state >> 7; state ^= state << 17;
        return state;
    }
    /* True in `rate` of 256 calls. */
    bool draw(unsigned rate) { return rate && (word() >> 24 & 255) < rate; }
};
