// SPDX-License-Identifier: Apache-2.0
//
// Draws the orders of this suite: generate > orders.csv. They are committed, so that training needs no generator; this
// file says where they come from, and a test holds the one against the other.
//
//     cc -std=c17 -ffp-contract=off -Isrc generate.c src/rng.c -o generate
#include "rng.h"

#include <stdbool.h>
#include <stdio.h>

enum { ORDERS = 8000, SEED = 20260314 };

struct choice {
    const char *name;
    uint32_t weight; // how often, relative to the others
    double speed;    // km/h of a vehicle; factor on the travel time of a kind of weather
    double traffic;  // how much of a jam the vehicle feels
};

static const struct choice vehicles[] = {
    {"bicycle", 34, 15, 0.2}, {"scooter", 30, 26, 0.6}, {"car", 22, 34, 1.0}, {"van", 8, 30, 1.1}, {"on_foot", 6, 5, 0},
};
static const struct choice weathers[] = {
    {"clear", 46, 1.0, 0}, {"rain", 24, 1.18, 0}, {"wind", 12, 1.07, 0},
    {"fog", 8, 1.12, 0},   {"snow", 6, 1.45, 0},  {"storm", 4, 1.6, 0},
};
// How busy the roads are from 8:00 to 23:00, 0 to 10.
static const double busy[16] = {6.5, 5, 3.5, 3.2, 5.2, 4.8, 3.4, 3.6, 5.1, 7.6, 8.3, 7.2, 5, 3.6, 2.4, 1.6};
static const uint32_t demand[16] = {1, 1, 1, 3, 9, 8, 4, 2, 3, 6, 11, 14, 12, 8, 5, 2};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static size_t pick(struct rng *rng, const uint32_t *weights, size_t stride, size_t count)
{
    uint32_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += weights[i * stride];
    uint32_t drawn = rng_below(rng, total);
    size_t at = 0;
    while (drawn >= weights[at * stride])
        drawn -= weights[at++ * stride];
    return at;
}

static const struct choice *pick_choice(struct rng *rng, const struct choice *choices, size_t count)
{
    uint32_t weights[8];
    for (size_t i = 0; i < count; i++)
        weights[i] = choices[i].weight;
    return &choices[pick(rng, weights, 1, count)];
}

// About normal, mean 0, deviation 1: the sum of twelve uniform numbers needs no logarithm, whose last bit may differ.
static double bell(struct rng *rng)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += rng_unit(rng);
    return sum;
}

static bool chance(struct rng *rng, double probability)
{
    return rng_unit(rng) < probability;
}

static double clamp(double value, double least, double most)
{
    return value < least ? least : value > most ? most : value;
}

// Prints with one decimal without asking printf to round.
static void put_tenths(double value)
{
    int tenths = (int)(value * 10 + 0.5);
    printf("%d.%d", tenths / 10, tenths % 10);
}

static void put_order(struct rng *rng)
{
    int hour = 8 + (int)pick(rng, demand, 1, COUNT(demand));
    const struct choice *weather = pick_choice(rng, weathers, COUNT(weathers));
    const struct choice *vehicle = pick_choice(rng, vehicles, COUNT(vehicles));
    bool on_foot = vehicle->speed < 10;
    double distance = 0.3 + (on_foot ? 1.8 : 14) * rng_unit(rng) * (0.25 + 0.75 * rng_unit(rng));
    double traffic = clamp(busy[hour - 8] + 1.3 * bell(rng), 0, 10);
    int items = 1 + (int)rng_below(rng, 3) + (chance(rng, 0.3) ? (int)rng_below(rng, 9) : 0);

    double kitchen = 5.5 + 0.8 * items + (hour >= 18 && hour <= 20 ? 3.5 : 0);
    double jam = 1 + vehicle->traffic * traffic * traffic / 70;
    double slippery = vehicle->speed == 15 && weather->speed > 1.4 ? 1.25 : 1; // snow and storm are hard on bicycles
    double travel = distance / vehicle->speed * 60 * jam * weather->speed * slippery;
    double minutes = clamp(kitchen + travel + bell(rng) * (1.2 + 0.06 * travel), 3, 240);

    // What is not known: the sensors of some districts, and what couriers forget to enter.
    bool no_traffic = chance(rng, distance > 8 ? 0.14 : 0.04), no_weather = chance(rng, 0.03);
    bool no_items = chance(rng, 0.015), no_vehicle = chance(rng, 0.02);
    put_tenths(distance);
    putchar(',');
    if (!no_traffic)
        put_tenths(traffic);
    printf(",%s,%d,", no_weather ? "" : weather->name, hour);
    if (!no_items)
        printf("%d", items);
    printf(",%s,", no_vehicle ? "" : vehicle->name);
    put_tenths(minutes);
    putchar('\n');
}

int main(void)
{
    struct rng rng;
    rng_seed(&rng, SEED);
    puts("distance_km,traffic,weather,hour,items,vehicle,minutes");
    for (int i = 0; i < ORDERS; i++)
        put_order(&rng);
    return fflush(stdout) != 0 || ferror(stdout);
}
