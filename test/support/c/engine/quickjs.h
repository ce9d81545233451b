/* What QuickJS-ng 0.16 declares of what runtime/sel4/domain.c uses, for tests that have no sources of it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QJS_VERSION_MAJOR 0
#define QJS_VERSION_MINOR 16

typedef struct JSRuntime JSRuntime;
typedef struct JSContext JSContext;
typedef struct { uint64_t value; int64_t tag; } JSValue;
#define JSValueConst JSValue
typedef JSValue JSCFunction(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);
typedef struct { const char *name; int flags; int64_t number; JSCFunction *function; } JSCFunctionListEntry;
typedef void *JSReallocArrayBufferDataFunc(JSRuntime *rt, void *opaque, void *ptr, size_t size);

#define JS_PROP_ENUMERABLE 4
#define JS_EVAL_TYPE_GLOBAL 0
#define JS_CFUNC_DEF(name, length, function) { name, length, 0, function }
#define JS_PROP_INT32_DEF(name, number, flags) { name, flags, number, 0 }
#define JS_UNDEFINED ((JSValue){ 0, 3 })
#define JS_EXCEPTION ((JSValue){ 0, 6 })

JSRuntime *JS_NewRuntime(void);
JSContext *JS_NewContext(JSRuntime *rt);
void JS_UpdateStackTop(JSRuntime *rt);
void JS_SetMaxStackSize(JSRuntime *rt, size_t size);
void JS_FreeValue(JSContext *ctx, JSValue value);
void JS_FreeCString(JSContext *ctx, const char *text);
const char *JS_ToCString(JSContext *ctx, JSValueConst value);
int JS_ToBigUint64(JSContext *ctx, uint64_t *number, JSValueConst value);
int JS_ToInt64(JSContext *ctx, int64_t *number, JSValueConst value);
int JS_ToBool(JSContext *ctx, JSValueConst value);
bool JS_IsBigInt(JSValueConst value);
bool JS_IsException(JSValueConst value);
bool JS_IsUndefined(JSValueConst value);
bool JS_IsNull(JSValueConst value);
JSValue JS_NewInt32(JSContext *ctx, int32_t number);
JSValue JS_NewUint32(JSContext *ctx, uint32_t number);
JSValue JS_NewInt64(JSContext *ctx, int64_t number);
JSValue JS_NewBigUint64(JSContext *ctx, uint64_t number);
JSValue JS_NewString(JSContext *ctx, const char *text);
JSValue JS_NewObject(JSContext *ctx);
JSValue JS_NewArrayBuffer(JSContext *ctx, uint8_t *buf, size_t len, size_t max_len,
                          JSReallocArrayBufferDataFunc *realloc_func, void *opaque, bool is_shared);
JSValue JS_ThrowInternalError(JSContext *ctx, const char *format, ...);
JSValue JS_GetException(JSContext *ctx);
JSValue JS_GetGlobalObject(JSContext *ctx);
JSValue JS_GetPropertyStr(JSContext *ctx, JSValueConst object, const char *name);
int JS_SetPropertyStr(JSContext *ctx, JSValueConst object, const char *name, JSValue value);
int JS_SetPropertyFunctionList(JSContext *ctx, JSValueConst object, const JSCFunctionListEntry *list, int count);
JSValue JS_Call(JSContext *ctx, JSValueConst function, JSValueConst self, int argc, JSValueConst *argv);
JSValue JS_Eval(JSContext *ctx, const char *text, size_t length, const char *name, int flags);
