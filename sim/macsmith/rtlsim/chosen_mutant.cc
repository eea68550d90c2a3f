/* Tells a model of RTL with faults which of them is switched on; see subject.py. */

#include <cstdlib>

extern "C" int macsmith_mutant() {
    const char *number = std::getenv("MACSMITH_MUTANT");
    return number ? std::atoi(number) : 0;
}
