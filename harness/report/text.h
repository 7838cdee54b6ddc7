// SPDX-License-Identifier: Apache-2.0
//
// Text from outside, made fit for a format: nothing that a run prints or a file is called may break or inject into a
// report.
#ifndef REPRO_REPORT_TEXT_H
#define REPRO_REPORT_TEXT_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

// The length of the longest beginning of at most `limit` bytes that does not end within a UTF-8 character.
size_t text_cut(const char *text, size_t len, size_t limit);
// The length of the first line, without its newline.
size_t text_first_line(const char *text);

// Characters, each counted as one column.
size_t text_characters(const char *text, size_t len);

// One line for a terminal: what it would obey is made visible, and "##[" broken, which begins a command of older CI
// runners wherever it stands in a line.
void text_terminal(struct buf *out, const char *text, size_t len);

// Replaces what XML 1.0 cannot hold, not even as an entity, by its code: "#x07"; bytes that are not UTF-8 likewise.
// Without `lines`, tabs and newlines too: for attributes.
void text_legal_xml(struct buf *out, const char *text, size_t len, bool lines);
// Escapes legal text for XML content or an attribute in double quotes. Writes at most `room` bytes and returns how many
// bytes of the text went in.
size_t text_escape_xml(struct buf *out, const char *text, size_t len, size_t room);

// For HTML inside Markdown: every punctuation mark becomes a numeric entity, so that neither language sees one. Hidden
// characters are made visible. Newlines are kept with `lines`, else they become spaces.
void text_escape_html(struct buf *out, const char *text, size_t len, bool lines);

// The data of a workflow command: hidden characters visible, then '%', CR and LF as %25, %0D and %0A.
void text_escape_command(struct buf *out, const char *text, size_t len);
// A property of one: ':' and ',' too.
void text_escape_property(struct buf *out, const char *text, size_t len);

// Seconds with three decimals and a point, whatever the locale: "12.345". Not-a-number and negative count as 0.
void text_seconds(struct buf *out, double seconds);
// Seconds since 1970 as "2026-11-23T03:57:20Z".
void text_time(struct buf *out, long long seconds);

#endif
