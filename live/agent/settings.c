/* Root: settings of the host. */
static int write_setting(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	ssize_t written = fd < 0 ? -1 : write(fd, value, strlen(value));
	int error = errno;
	if (fd >= 0)
		close(fd);
	return written < 0 ? fail("%s: %s", path, strerror(error)) : 0;
}

static int restore_settings(void)
{
	int result = 0;
	while (setting_count > 0) {
		struct setting *setting = &settings[--setting_count];
		if (write_setting(setting->path, setting->old) != 0)
			result = -1;
	}
	return result;
}

/*
 * Decodes a text in a request: its length in bytes, then the bytes, padded to a whole word. @returns NULL if malformed
 */
static char *decode_text(const uint32_t **words, const uint32_t *end)
{
	size_t length = *words < end ? *(*words)++ : SIZE_MAX;
	if (length > (size_t)(end - *words) * 4)
		return NULL;
	char *text = strndup((const char *)*words, length);
	*words += (length + 3) / 4;
	return text;
}

/* Changes settings. Each old value is stored for the restore before its setting is changed. */
static int change_settings(const uint32_t *words, const uint32_t *end)
{
	while (words < end) {
		char *path = decode_text(&words, end), *old = decode_text(&words, end), *new = decode_text(&words, end);
		if (path == NULL || old == NULL || new == NULL || setting_count == MAX_SETTINGS)
			return fail("bad request for settings");
		settings[setting_count++] = (struct setting){ path, old };
		if (write_setting(path, new) != 0)
			return -1;
		free(new);
	}
	return 0;
}
