/* Root: output frames. */
static struct {
	unsigned char *bytes;
	size_t length, capacity;
} output;

static char failure[256];

/* Stores a failure message for the next response. @returns -1 */
__attribute__((format(printf, 1, 2))) static int fail(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(failure, sizeof failure, format, arguments);
	va_end(arguments);
	return -1;
}

static void append(const void *bytes, size_t length)
{
	if (output.length + length > output.capacity) {
		output.capacity = 2 * (output.length + length);
		output.bytes = realloc(output.bytes, output.capacity);
		if (output.bytes == NULL)
			abort();
	}
	memcpy(output.bytes + output.length, bytes, length);
	output.length += length;
}

static void append_word(uint32_t value) { append(&value, sizeof value); }

static int flush(void)
{
	for (size_t done = 0; done < output.length;) {
		ssize_t written = write(STDOUT_FILENO, output.bytes + done, output.length - done);
		if (written < 0 && errno != EINTR)
			return -1;
		if (written < 0 && stopping)
			return -1;
		done += written < 0 ? 0 : (size_t)written;
	}
	output.length = 0;
	return 0;
}

static void append_failure(void)
{
	size_t length = strlen(failure), padded = (length + 3) & ~(size_t)3;
	append_word((uint32_t)(8 + padded));
	append_word(FAILURE);
	append_word((uint32_t)length);
	append(failure, length);
	append("\0\0\0", padded - length);
}
