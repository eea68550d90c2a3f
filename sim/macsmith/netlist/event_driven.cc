/* The loop of macsmith.timed, which describes what it computes and the arrays it takes. */

#include <algorithm>
#include <cstdint>
#include <vector>

namespace {

/* Pending transitions by time: one bucket an instant, of a linked list of drivers. */
class Wheel {
  public:
    Wheel(int64_t reach, int32_t drivers)
        : next(drivers), previous(drivers), slot(drivers, -1) {
        int64_t size = 64;
        while (size <= reach) size *= 2;
        head.assign(size, -1);
        used.assign(size / 64, 0);
        mask = size - 1;
    }

    bool empty() const { return !count; }
    bool pending(int32_t driver) const { return slot[driver] >= 0; }

    void add(int32_t driver, int64_t time) {
        int64_t at = time & mask;
        slot[driver] = int32_t(at);
        next[driver] = head[at];
        previous[driver] = -1;
        if (head[at] >= 0) previous[head[at]] = driver;
        head[at] = driver;
        used[at / 64] |= uint64_t(1) << at % 64;
        count++;
    }

    void cancel(int32_t driver) {
        int64_t at = slot[driver];
        if (previous[driver] >= 0) next[previous[driver]] = next[driver];
        else head[at] = next[driver];
        if (next[driver] >= 0) previous[next[driver]] = previous[driver];
        if (head[at] < 0) used[at / 64] &= ~(uint64_t(1) << at % 64);
        slot[driver] = -1;
        count--;
    }

    /* The first instant from `time` on with something pending, of which there must be some. */
    int64_t first(int64_t time) const {
        int64_t at = time & mask, word = at / 64;
        uint64_t bits = used[word] >> at % 64;
        if (bits) return time + __builtin_ctzll(bits);
        int64_t start = time - at % 64;
        do {
            word = (word + 1) & (mask / 64);
            start += 64;
        } while (!used[word]);
        return start + __builtin_ctzll(used[word]);
    }

    void take(int64_t time, std::vector<int32_t> &drivers) {
        int64_t at = time & mask;
        for (int32_t driver = head[at]; driver >= 0; driver = next[driver]) {
            drivers.push_back(driver);
            slot[driver] = -1;
            count--;
        }
        head[at] = -1;
        used[at / 64] &= ~(uint64_t(1) << at % 64);
    }

  private:
    std::vector<int32_t> next, previous, slot, head;
    std::vector<uint64_t> used;
    int64_t mask, count = 0;
};

struct Cell {
    int32_t pins, outputs;      /* how many */
    int32_t first_output;
    int64_t truth, delay;       /* where those of its first output begin */
    int64_t pin_events, rows;
};

struct Reader { int32_t cell, pin; };

}  // namespace

extern "C" void simulate(const int64_t *shape, const void *const *columns, int64_t *const *counts) {
    const int64_t nets = shape[0], cell_count = shape[1], sources = shape[2];
    const int64_t cycles = shape[3], words = shape[4], lanes = shape[5];
    auto pin_net = static_cast<const int32_t *>(columns[0]);
    auto pin_start = static_cast<const int32_t *>(columns[1]);
    auto out_net = static_cast<const int32_t *>(columns[2]);
    auto out_start = static_cast<const int32_t *>(columns[3]);
    auto truth = static_cast<const uint8_t *>(columns[4]);
    auto delay = static_cast<const int32_t *>(columns[5]);
    auto source_net = static_cast<const int32_t *>(columns[6]);
    auto source_rise = static_cast<const int32_t *>(columns[7]);
    auto source_fall = static_cast<const int32_t *>(columns[8]);
    auto source_pulses = static_cast<const uint8_t *>(columns[9]);
    auto values = static_cast<const uint64_t *>(columns[10]);
    int64_t *toggles = counts[0], *settled = counts[1], *high = counts[2];
    int64_t *out_events = counts[3], *pin_events = counts[4], *rows = counts[5];

    std::vector<Cell> cells(cell_count);
    std::vector<std::vector<Reader>> readers(nets);
    int64_t truths = 0, delays = 0, events = 0, states = 0, reach = 1;
    for (int64_t c = 0; c < cell_count; c++) {
        int32_t pins = pin_start[c + 1] - pin_start[c], outputs = out_start[c + 1] - out_start[c];
        cells[c] = {pins, outputs, out_start[c], truths, delays, events, states};
        truths += int64_t(outputs) << pins;
        delays += int64_t(outputs) * pins << pins;
        events += int64_t(pins) << pins;
        states += int64_t(1) << pins;
        for (int32_t k = 0; k < pins; k++)
            readers[pin_net[pin_start[c] + k]].push_back({int32_t(c), k});
    }
    for (int64_t k = 0; k < delays; k++) reach = std::max<int64_t>(reach, delay[k]);
    for (int64_t s = 0; s < sources; s++)
        reach = std::max<int64_t>(reach, std::max(source_rise[s], source_fall[s]));

    /* Drivers are the outputs, then the sources. */
    const int32_t outputs = out_start[cell_count];
    Wheel wheel(reach, outputs + int32_t(sources));
    std::vector<int64_t> cause(outputs);
    std::vector<uint8_t> value(nets), before(nets), is_touched(nets);
    std::vector<uint32_t> row(cell_count), row_before(cell_count), changed(cell_count);
    std::vector<int32_t> now, touched, waiting;

    auto source_value = [&](int64_t cycle, int64_t source, int64_t lane) {
        return uint8_t(values[(cycle * sources + source) * words + lane / 64] >> lane % 64 & 1);
    };

    auto react = [&](int32_t c, int64_t time) {
        const Cell &cell = cells[c];
        for (int32_t k = 0; k < cell.outputs; k++) {
            int32_t output = cell.first_output + k;
            uint8_t wanted = truth[cell.truth + (int64_t(k) << cell.pins) + row[c]];
            bool differs = wanted != value[out_net[output]];
            if (wheel.pending(output)) {
                if (!differs) wheel.cancel(output);
            } else if (differs) {
                int64_t base = cell.delay + (int64_t(k) * cell.pins << cell.pins) + row[c], best = -1;
                for (uint32_t left = changed[c]; left; left &= left - 1) {
                    int64_t at = base + (int64_t(__builtin_ctz(left)) << cell.pins);
                    if (best < 0 || delay[at] < delay[best]) best = at;
                }
                cause[output] = best;
                wheel.add(output, time + delay[best]);
            }
        }
    };

    for (int64_t lane = 0; lane < lanes; lane++) {
        std::fill(value.begin(), value.end(), 0);
        value[1] = 1;
        for (int64_t s = 0; s < sources; s++)
            if (!source_pulses[s]) value[source_net[s]] = source_value(0, s, lane);
        for (int64_t c = 0; c < cell_count; c++) {
            const Cell &cell = cells[c];
            row[c] = 0;
            for (int32_t k = 0; k < cell.pins; k++)
                row[c] |= uint32_t(value[pin_net[pin_start[c] + k]]) << k;
            for (int32_t k = 0; k < cell.outputs; k++)
                value[out_net[cell.first_output + k]] =
                    truth[cell.truth + (int64_t(k) << cell.pins) + row[c]];
        }
        before = value;
        for (int64_t cycle = 1; cycle < cycles; cycle++) {
            for (int64_t s = 0; s < sources; s++)
                if (source_value(cycle, s, lane) != value[source_net[s]])
                    wheel.add(outputs + int32_t(s),
                              value[source_net[s]] ? source_fall[s] : source_rise[s]);
            for (int64_t time = 0; !wheel.empty();) {
                time = wheel.first(time);
                now.clear();
                wheel.take(time, now);
                for (int32_t driver : now) {
                    bool is_output = driver < outputs;
                    int32_t net = is_output ? out_net[driver] : source_net[driver - outputs];
                    value[net] ^= 1;
                    toggles[net]++;
                    if (is_output) out_events[cause[driver]]++;
                    else if (source_pulses[driver - outputs] && value[net])
                        wheel.add(driver, source_fall[driver - outputs]);
                    if (!is_touched[net]) {
                        is_touched[net] = 1;
                        touched.push_back(net);
                    }
                    for (Reader reader : readers[net]) {
                        if (!changed[reader.cell]) {
                            row_before[reader.cell] = row[reader.cell];
                            waiting.push_back(reader.cell);
                        }
                        const Cell &cell = cells[reader.cell];
                        changed[reader.cell] |= 1u << reader.pin;
                        row[reader.cell] ^= 1u << reader.pin;
                        pin_events[cell.pin_events + (int64_t(reader.pin) << cell.pins) +
                                   row_before[reader.cell]]++;
                    }
                }
                for (int32_t c : waiting) {
                    react(c, time);
                    changed[c] = 0;
                }
                waiting.clear();
            }
            for (int32_t net : touched) {
                settled[net] += value[net] != before[net];
                before[net] = value[net];
                is_touched[net] = 0;
            }
            touched.clear();
            for (int64_t net = 0; net < nets; net++) high[net] += value[net];
            for (int64_t c = 0; c < cell_count; c++) rows[cells[c].rows + row[c]]++;
        }
    }
}
