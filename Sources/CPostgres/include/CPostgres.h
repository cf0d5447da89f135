// libpq, PostgreSQL's client library, loaded when it is first needed: prefd runs without it.
//
// The functions have libpq's names with a `c` in front, and are what its manual says of them. Until
// cpq_load has returned NULL none of them may be called.
#ifndef CPOSTGRES_H
#define CPOSTGRES_H

#include <stddef.h>

typedef struct cpq_connection cpq_connection;
typedef struct cpq_result cpq_result;

// A notification, as libpq lays it out.
typedef struct cpq_notification {
    char *_Nonnull channel;
    int process;
    char *_Nonnull payload;
} cpq_notification;

enum { CPQ_CONNECTION_OK = 0 };
enum { CPQ_COMMAND_OK = 1, CPQ_TUPLES_OK = 2 };

// Loads libpq.so.5 and finds every function in it. Returns NULL, or why that cannot be.
const char *_Nullable cpq_load(void);

cpq_connection *_Nullable cpq_connect(
    const char *_Nullable const *_Nonnull keywords, const char *_Nullable const *_Nonnull values);
int cpq_status(const cpq_connection *_Nonnull connection);
int cpq_socket(const cpq_connection *_Nonnull connection);
const char *_Nonnull cpq_error(const cpq_connection *_Nonnull connection);
void cpq_finish(cpq_connection *_Nonnull connection);
// Never block in sending. Returns 0, or -1.
int cpq_nonblocking(cpq_connection *_Nonnull connection);

// Sends a statement; results come in binary. Returns 1, or 0.
int cpq_send(
    cpq_connection *_Nonnull connection, const char *_Nonnull statement, int count,
    const unsigned int *_Nonnull types, const char *_Nullable const *_Nonnull values,
    const int *_Nonnull lengths, const int *_Nonnull formats);
// 0: all is sent. 1: there is more. -1: failed.
int cpq_flush(cpq_connection *_Nonnull connection);
int cpq_consume(cpq_connection *_Nonnull connection);
int cpq_is_busy(cpq_connection *_Nonnull connection);
cpq_result *_Nullable cpq_next_result(cpq_connection *_Nonnull connection);
cpq_notification *_Nullable cpq_next_notification(cpq_connection *_Nonnull connection);
void cpq_free_notification(cpq_notification *_Nonnull notification);

int cpq_result_status(const cpq_result *_Nonnull result);
// The five letters of the SQLSTATE, or NULL.
const char *_Nullable cpq_result_state(const cpq_result *_Nonnull result);
const char *_Nullable cpq_result_message(const cpq_result *_Nonnull result);
const char *_Nonnull cpq_result_affected(cpq_result *_Nonnull result);
int cpq_rows(const cpq_result *_Nonnull result);
int cpq_columns(const cpq_result *_Nonnull result);
int cpq_is_null(const cpq_result *_Nonnull result, int row, int column);
const char *_Nonnull cpq_value(const cpq_result *_Nonnull result, int row, int column);
int cpq_length(const cpq_result *_Nonnull result, int row, int column);
void cpq_clear(cpq_result *_Nonnull result);

// Counts in `warnings` every WARNING that the server sends, whatever its language, and prints none.
void cpq_count_warnings(cpq_connection *_Nonnull connection, int *_Nonnull warnings);

#endif
