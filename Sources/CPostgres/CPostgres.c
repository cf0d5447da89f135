#include "CPostgres.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

// From PostgreSQL's postgres_ext.h: fields of an error or notice.
enum { SQLSTATE_FIELD = 'C', MESSAGE_FIELD = 'M', SEVERITY_FIELD = 'V' };

typedef void (*notice_receiver)(void *context, const cpq_result *notice);

// Declared as in libpq-fe.h, whose ABI is stable under the name libpq.so.5.
static struct {
    cpq_connection *(*PQconnectdbParams)(const char *const *, const char *const *, int);
    int (*PQstatus)(const cpq_connection *);
    int (*PQsocket)(const cpq_connection *);
    char *(*PQerrorMessage)(const cpq_connection *);
    void (*PQfinish)(cpq_connection *);
    int (*PQsetnonblocking)(cpq_connection *, int);
    int (*PQsendQueryParams)(cpq_connection *, const char *, int, const unsigned int *,
                             const char *const *, const int *, const int *, int);
    int (*PQflush)(cpq_connection *);
    int (*PQconsumeInput)(cpq_connection *);
    int (*PQisBusy)(cpq_connection *);
    cpq_result *(*PQgetResult)(cpq_connection *);
    cpq_notification *(*PQnotifies)(cpq_connection *);
    void (*PQfreemem)(void *);
    int (*PQresultStatus)(const cpq_result *);
    char *(*PQresultErrorField)(const cpq_result *, int);
    char *(*PQcmdTuples)(cpq_result *);
    int (*PQntuples)(const cpq_result *);
    int (*PQnfields)(const cpq_result *);
    int (*PQgetisnull)(const cpq_result *, int, int);
    char *(*PQgetvalue)(const cpq_result *, int, int);
    int (*PQgetlength)(const cpq_result *, int, int);
    void (*PQclear)(cpq_result *);
    notice_receiver (*PQsetNoticeReceiver)(cpq_connection *, notice_receiver, void *);
} pq;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *failure;

static void load(void) {
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        failure = "libpq.so.5 is not installed";
        return;
    }
#define FIND(name)                                                                                 \
    if ((*(void **)&pq.name = dlsym(library, #name)) == NULL) failure = "libpq.so.5 has no " #name
    FIND(PQconnectdbParams);
    FIND(PQstatus);
    FIND(PQsocket);
    FIND(PQerrorMessage);
    FIND(PQfinish);
    FIND(PQsetnonblocking);
    FIND(PQsendQueryParams);
    FIND(PQflush);
    FIND(PQconsumeInput);
    FIND(PQisBusy);
    FIND(PQgetResult);
    FIND(PQnotifies);
    FIND(PQfreemem);
    FIND(PQresultStatus);
    FIND(PQresultErrorField);
    FIND(PQcmdTuples);
    FIND(PQntuples);
    FIND(PQnfields);
    FIND(PQgetisnull);
    FIND(PQgetvalue);
    FIND(PQgetlength);
    FIND(PQclear);
    FIND(PQsetNoticeReceiver);
#undef FIND
}

const char *cpq_load(void) {
    pthread_once(&once, load);
    return failure;
}

cpq_connection *cpq_connect(const char *const *keywords, const char *const *values) {
    return pq.PQconnectdbParams(keywords, values, 1);
}
int cpq_status(const cpq_connection *connection) { return pq.PQstatus(connection); }
int cpq_socket(const cpq_connection *connection) { return pq.PQsocket(connection); }
const char *cpq_error(const cpq_connection *connection) { return pq.PQerrorMessage(connection); }
void cpq_finish(cpq_connection *connection) { pq.PQfinish(connection); }
int cpq_nonblocking(cpq_connection *connection) { return pq.PQsetnonblocking(connection, 1); }

int cpq_send(cpq_connection *connection, const char *statement, int count,
             const unsigned int *types, const char *const *values, const int *lengths,
             const int *formats) {
    return pq.PQsendQueryParams(connection, statement, count, types, values, lengths, formats, 1);
}
int cpq_flush(cpq_connection *connection) { return pq.PQflush(connection); }
int cpq_consume(cpq_connection *connection) { return pq.PQconsumeInput(connection); }
int cpq_is_busy(cpq_connection *connection) { return pq.PQisBusy(connection); }
cpq_result *cpq_next_result(cpq_connection *connection) { return pq.PQgetResult(connection); }
cpq_notification *cpq_next_notification(cpq_connection *connection) {
    return pq.PQnotifies(connection);
}
void cpq_free_notification(cpq_notification *notification) { pq.PQfreemem(notification); }

int cpq_result_status(const cpq_result *result) { return pq.PQresultStatus(result); }
const char *cpq_result_state(const cpq_result *result) {
    return pq.PQresultErrorField(result, SQLSTATE_FIELD);
}
const char *cpq_result_message(const cpq_result *result) {
    return pq.PQresultErrorField(result, MESSAGE_FIELD);
}
const char *cpq_result_affected(cpq_result *result) { return pq.PQcmdTuples(result); }
int cpq_rows(const cpq_result *result) { return pq.PQntuples(result); }
int cpq_columns(const cpq_result *result) { return pq.PQnfields(result); }
int cpq_is_null(const cpq_result *result, int row, int column) {
    return pq.PQgetisnull(result, row, column);
}
const char *cpq_value(const cpq_result *result, int row, int column) {
    return pq.PQgetvalue(result, row, column);
}
int cpq_length(const cpq_result *result, int row, int column) {
    return pq.PQgetlength(result, row, column);
}
void cpq_clear(cpq_result *result) { pq.PQclear(result); }

static void receive(void *context, const cpq_result *notice) {
    const char *severity = pq.PQresultErrorField(notice, SEVERITY_FIELD);
    if (severity != NULL && strcmp(severity, "WARNING") == 0) ++*(int *)context;
}

void cpq_count_warnings(cpq_connection *connection, int *warnings) {
    pq.PQsetNoticeReceiver(connection, receive, warnings);
}
