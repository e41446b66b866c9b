#define IS_ENABLED(option) GATE_IS_ENABLED(option)
#define IS_BUILTIN(option) GATE_IS_ENABLED(option)
#define IS_REACHABLE(option) GATE_IS_ENABLED(option)
#define GATE_IS_ENABLED(value) GATE_IS_ENABLED_(GATE_ENABLED_##value)
#define GATE_ENABLED_1 0,
#define GATE_IS_ENABLED_(junk) GATE_SECOND(junk 1, 0)
#define GATE_SECOND(ignored, value, ...) value
