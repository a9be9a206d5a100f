#include <Arduino.h>
#include <stdio.h>
Port Serial;
unsigned long micros(void) { static unsigned long now; return now += 10; }
void delay(unsigned long) {}
void Port::begin(long) {}
void Port::print(const char *t) { fputs(t, stdout); }
void Port::print(char c) { putchar(c); }
void Port::print(double v, int) { printf("%d", (int)v); }
void Port::println(unsigned long v) { printf("%lu\n", v); }
void Port::println() { putchar('\n'); }
int main() { setup(); loop(); return 0; }
