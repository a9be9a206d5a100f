#ifndef ARDUINO_H
#define ARDUINO_H
#include <stdint.h>
void setup(void);
void loop(void);
unsigned long micros(void);
void delay(unsigned long ms);
struct Port { void begin(long); void print(const char *); void print(char); void print(double, int = 2); void println(unsigned long); void println(); };
extern Port Serial;
#endif
