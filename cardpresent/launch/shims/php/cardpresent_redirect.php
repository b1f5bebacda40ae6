<?php

// Runs before each script of the till: what it means for Stripe goes to this run's Stripe instead. PHP's functions cannot
// be replaced, so the till's calls of them are: a file that is included is read through here, and its calls of curl
// become calls of the functions below, which know where a handle leads. That serves stripe-php of any age, Guzzle and
// plain curl. Every other way to a host under stripe.com is refused. Variables: cardpresent/launch/shims.

namespace CardpresentRedirect;

final class Refused extends \RuntimeException
{
}

final class Run
{
    /** @var array<string, array{url: string, headers: string[], userpwd: ?string, bearer: ?string}> by handle */
    private static $handles = [];
    private static $hello;

    // Hello: who is here, for the run to read -----------------------------------------------------------------------

    public static function hello(): void
    {
        self::$hello = [
            'language' => 'PHP', 'version' => PHP_VERSION, 'pid' => getmypid(),
            'program' => basename((string) ($_SERVER['SCRIPT_FILENAME'] ?? $_SERVER['argv'][0] ?? '')),
            'sdk' => null, 'redirected' => 0, 'refused' => [],
        ];
        $before = is_file(self::file()) ? json_decode((string) file_get_contents(self::file()), true) : null;
        if (is_array($before)) {
            self::$hello = ['program' => self::$hello['program']] + $before + self::$hello;
        } else {
            self::say();
        }
    }

    private static function file(): string
    {
        return self::setting('hello') . '/php-' . getmypid() . '.json';
    }

    private static function say(): void
    {
        // The folder goes with the run; a till that outlives it has nobody to greet.
        if (@file_put_contents(self::file() . '.new', json_encode(self::$hello)) !== false) {
            @rename(self::file() . '.new', self::file());
        }
    }

    public static function setting(string $name): string
    {
        return (string) get_cfg_var("cardpresent.$name");
    }

    public static function refuse(string $what): Refused
    {
        if (!in_array($what, self::$hello['refused'], true)) {
            self::$hello['refused'][] = $what;
            self::say();
            error_log("cardpresent: $what");
        }
        return new Refused("cardpresent: $what");
    }

    // Which connections are Stripe's ----------------------------------------------------------------------------------

    public static function under(string $host): bool
    {
        return (bool) preg_match('/(^|\.)stripe\.com\.?$/i', $host);
    }

    /** The host of a URL, or of what a socket is opened with; empty where there is none. */
    public static function host(string $place): string
    {
        $host = parse_url(strpos($place, '://') === false ? "tcp://$place" : $place, PHP_URL_HOST);
        return is_string($host) ? $host : '';
    }

    /** @return mixed[] the arguments, if they do not lead to Stripe */
    public static function elsewhere(array $given): array
    {
        $host = self::host((string) ($given[0] ?? ''));
        if (self::under($host)) {
            throw self::refuse("a connection to $host was stopped: no shim can send it to this run's Stripe");
        }
        return $given;
    }

    // What is known of a handle of curl -------------------------------------------------------------------------------

    public static function key($handle): string
    {
        return is_object($handle) ? 'o' . spl_object_id($handle) : 'r' . (int) $handle;
    }

    public static function fresh($handle, ?string $url): void
    {
        self::$handles[self::key($handle)] = ['url' => (string) $url, 'headers' => [], 'userpwd' => null, 'bearer' => null];
    }

    public static function copied($from, $to): void
    {
        self::$handles[self::key($to)] = self::$handles[self::key($from)] ?? [];
    }

    public static function noted($handle, $option, $value): void
    {
        $names = [CURLOPT_URL => 'url', CURLOPT_HTTPHEADER => 'headers', CURLOPT_USERPWD => 'userpwd'];
        if (defined('CURLOPT_XOAUTH2_BEARER')) {
            $names[CURLOPT_XOAUTH2_BEARER] = 'bearer';
        }
        if (isset($names[$option])) {
            self::$handles[self::key($handle)][$names[$option]] = $value;
        }
    }

    /** Turn a handle that leads to Stripe to the run's Stripe, just before it is used. */
    public static function turned($handle): void
    {
        $told = self::$handles[self::key($handle)] ?? [];
        $url = (string) ($told['url'] ?? '');
        $host = self::host($url);
        if (!self::under($host)) {
            return;
        }
        $hosts = explode(',', self::setting('hosts'));
        if (stripos($url, 'https://') !== 0 || !in_array(rtrim(strtolower($host), '.'), $hosts, true)) {
            throw self::refuse("a connection to $host was stopped: this run's Stripe stands for " . implode(', ', $hosts) . ' only');
        }
        \curl_setopt($handle, CURLOPT_URL, preg_replace('#^https://[^/?]*#i', self::setting('base'), $url));
        \curl_setopt($handle, CURLOPT_PROXY, '');
        \curl_setopt($handle, CURLOPT_HTTPHEADER, array_map([self::class, 'withOurKey'], $told['headers'] ?? []));
        if (isset($told['userpwd'])) {
            [$name, $rest] = explode(':', $told['userpwd'], 2) + [1 => ''];
            \curl_setopt($handle, CURLOPT_USERPWD, self::ours($name) . ":$rest");
        }
        if (isset($told['bearer'])) {
            \curl_setopt($handle, CURLOPT_XOAUTH2_BEARER, self::ours($told['bearer']));
        }
        self::count($told['headers'] ?? []);
    }

    // The run's key in place of the till's own test key ----------------------------------------------------------------

    public static function withOurKey(string $header): string
    {
        if (!preg_match('/^(authorization:\s*)(bearer|basic)\s+(.*)$/i', $header, $found)) {
            return $header;
        }
        if (strtolower($found[2]) === 'bearer') {
            return "$found[1]$found[2] " . self::ours(trim($found[3]));
        }
        [$name, $rest] = explode(':', (string) base64_decode($found[3]), 2) + [1 => ''];
        return "$found[1]$found[2] " . base64_encode(self::ours($name) . ":$rest");
    }

    private static function ours(string $theirs): string
    {
        if (preg_match('/^[sr]k_live_/', $theirs)) {
            throw self::refuse('a live Stripe key (sk_live_... or rk_live_...) was about to be used, and nothing was sent: '
                . 'give the till a test key');
        }
        return preg_match('/^[sr]k_test_/', $theirs) ? self::setting('key') : $theirs;
    }

    private static function count(array $headers): void
    {
        $sdk = self::$hello['sdk'];
        foreach ($headers as $header) {
            if (preg_match('#^user-agent:\s*Stripe/v1 PhpBindings/(\S+)#i', $header, $found)) {
                $sdk = "stripe-php $found[1]";
            }
        }
        if (++self::$hello['redirected'] === 1 || $sdk !== self::$hello['sdk']) {
            self::$hello['sdk'] = $sdk;
            self::say();
        }
    }
}

// What the till's calls become ------------------------------------------------------------------------------------------

function curl_init($url = null)
{
    $handle = $url === null ? \curl_init() : \curl_init($url);
    if ($handle !== false) {
        Run::fresh($handle, $url);
    }
    return $handle;
}

function curl_setopt($handle, $option, $value)
{
    Run::noted($handle, $option, $value);
    return \curl_setopt($handle, $option, $value);
}

function curl_setopt_array($handle, $options)
{
    foreach ($options as $option => $value) {
        Run::noted($handle, $option, $value);
    }
    return \curl_setopt_array($handle, $options);
}

function curl_reset($handle)
{
    Run::fresh($handle, null);
    \curl_reset($handle);
}

function curl_copy_handle($handle)
{
    $copy = \curl_copy_handle($handle);
    if ($copy !== false) {
        Run::copied($handle, $copy);
    }
    return $copy;
}

function curl_exec($handle)
{
    Run::turned($handle);
    return \curl_exec($handle);
}

function curl_multi_add_handle($all, $handle)
{
    Run::turned($handle);
    return \curl_multi_add_handle($all, $handle);
}

function fopen(...$given)
{
    return \fopen(...Run::elsewhere($given));
}

function file_get_contents(...$given)
{
    return \file_get_contents(...Run::elsewhere($given));
}

function stream_socket_client($address, &$code = null, &$message = null, ...$more)
{
    Run::elsewhere([$address]);
    return \stream_socket_client($address, $code, $message, ...$more);
}

function fsockopen($host, $port = -1, &$code = null, &$message = null, ...$more)
{
    Run::elsewhere([$host]);
    return \fsockopen($host, $port, $code, $message, ...$more);
}

// How they become it ------------------------------------------------------------------------------------------------------

/** Stands for the files of this machine: all is passed on as it is, but a file that is included is read through `changed`. */
final class Files
{
    private const CALLS = [
        'curl_init', 'curl_setopt', 'curl_setopt_array', 'curl_reset', 'curl_copy_handle', 'curl_exec',
        'curl_multi_add_handle', 'fopen', 'file_get_contents', 'stream_socket_client', 'fsockopen',
    ];
    // PHP's STREAM_OPEN_FOR_INCLUDE, which has no name in PHP itself.
    private const INCLUDED = 128;

    public $context;
    private $handle;

    public static function watch(): void
    {
        stream_wrapper_unregister('file');
        stream_wrapper_register('file', self::class);
    }

    /** @return mixed what PHP itself does with files */
    private static function plainly(callable $do)
    {
        stream_wrapper_restore('file');
        try {
            return $do();
        } finally {
            self::watch();
        }
    }

    public static function changed(string $source): string
    {
        if (!preg_match('/\b(' . implode('|', self::CALLS) . ')\b/i', $source)) {
            return $source;
        }
        $tokens = token_get_all($source);
        $before = null;
        $made = '';
        foreach ($tokens as $n => $token) {
            [$kind, $text] = is_array($token) ? $token : [null, $token];
            $made .= self::isCall($tokens, $n, $before) ? self::call($text, $before) : $text;
            if ($kind !== T_WHITESPACE && $kind !== T_COMMENT && $kind !== T_DOC_COMMENT) {
                $before = $kind ?? $text;
            }
        }
        return $made;
    }

    private static function isCall(array $tokens, int $n, $before): bool
    {
        $named = [T_STRING, defined('T_NAME_FULLY_QUALIFIED') ? T_NAME_FULLY_QUALIFIED : T_STRING];
        if (!is_array($tokens[$n]) || !in_array($tokens[$n][0], $named, true)
            || !in_array(strtolower(ltrim($tokens[$n][1], '\\')), self::CALLS, true)) {
            return false;
        }
        $member = [T_OBJECT_OPERATOR, T_DOUBLE_COLON, T_FUNCTION, T_NEW];
        if (defined('T_NULLSAFE_OBJECT_OPERATOR')) {
            $member[] = T_NULLSAFE_OBJECT_OPERATOR;
        }
        for ($next = $n + 1; isset($tokens[$next]) && is_array($tokens[$next]) && $tokens[$next][0] === T_WHITESPACE;) {
            ++$next;
        }
        return !in_array($before, $member, true) && ($tokens[$next] ?? '') === '(';
    }

    private static function call(string $text, $before): string
    {
        return ($before === T_NS_SEPARATOR ? '' : '\\') . __NAMESPACE__ . '\\' . strtolower(ltrim($text, '\\'));
    }

    public function stream_open($path, $mode, $options, &$opened): bool
    {
        return self::plainly(function () use ($path, $mode, $options, &$opened) {
            $said = $options & STREAM_REPORT_ERRORS ? 0 : E_ALL;
            $use = (bool) ($options & STREAM_USE_PATH);
            $before = $said ? error_reporting(0) : error_reporting();
            $this->handle = $this->context ? \fopen($path, $mode, $use, $this->context) : \fopen($path, $mode, $use);
            error_reporting($before);
            if ($this->handle && $options & self::INCLUDED) {
                $source = self::changed((string) stream_get_contents($this->handle));
                \fclose($this->handle);
                $this->handle = \fopen('php://temp', 'w+b');
                fwrite($this->handle, $source);
                rewind($this->handle);
            }
            return (bool) $this->handle;
        });
    }

    public function stream_read($count)
    {
        return fread($this->handle, $count);
    }

    public function stream_write($data)
    {
        return fwrite($this->handle, $data);
    }

    public function stream_eof(): bool
    {
        return feof($this->handle);
    }

    public function stream_close(): void
    {
        fclose($this->handle);
    }

    public function stream_flush(): bool
    {
        return fflush($this->handle);
    }

    public function stream_seek($offset, $whence): bool
    {
        return fseek($this->handle, $offset, $whence) === 0;
    }

    public function stream_tell(): int
    {
        return ftell($this->handle);
    }

    public function stream_stat()
    {
        return fstat($this->handle);
    }

    public function stream_lock($operation): bool
    {
        return flock($this->handle, $operation ?: LOCK_EX);
    }

    public function stream_truncate($size): bool
    {
        return ftruncate($this->handle, $size);
    }

    public function stream_cast($as)
    {
        return $this->handle;
    }

    public function stream_set_option($option, $first, $second): bool
    {
        if ($option === STREAM_OPTION_BLOCKING) {
            return stream_set_blocking($this->handle, (bool) $first);
        }
        return $option === STREAM_OPTION_READ_TIMEOUT && stream_set_timeout($this->handle, $first, $second);
    }

    public function stream_metadata($path, $option, $value): bool
    {
        return self::plainly(function () use ($path, $option, $value) {
            switch ($option) {
                case STREAM_META_TOUCH:
                    return touch($path, ...$value);
                case STREAM_META_ACCESS:
                    return chmod($path, $value);
                case STREAM_META_OWNER:
                case STREAM_META_OWNER_NAME:
                    return chown($path, $value);
                default:
                    return chgrp($path, $value);
            }
        });
    }

    public function url_stat($path, $flags)
    {
        return self::plainly(function () use ($path, $flags) {
            if ($flags & STREAM_URL_STAT_QUIET && !file_exists($path) && !is_link($path)) {
                return false;
            }
            return $flags & STREAM_URL_STAT_LINK ? @lstat($path) : @stat($path);
        });
    }

    public function unlink($path): bool
    {
        return self::plainly(static function () use ($path) {
            return unlink($path);
        });
    }

    public function rename($from, $to): bool
    {
        return self::plainly(static function () use ($from, $to) {
            return rename($from, $to);
        });
    }

    public function mkdir($path, $mode, $options): bool
    {
        return self::plainly(static function () use ($path, $mode, $options) {
            return mkdir($path, $mode, (bool) ($options & STREAM_MKDIR_RECURSIVE));
        });
    }

    public function rmdir($path, $options): bool
    {
        return self::plainly(static function () use ($path) {
            return rmdir($path);
        });
    }

    public function dir_opendir($path, $options): bool
    {
        return self::plainly(function () use ($path) {
            return (bool) ($this->handle = opendir($path));
        });
    }

    public function dir_readdir()
    {
        return readdir($this->handle);
    }

    public function dir_rewinddir(): bool
    {
        rewinddir($this->handle);
        return true;
    }

    public function dir_closedir(): bool
    {
        closedir($this->handle);
        return true;
    }
}

// A setting that ours hides: the till's own file that is to run first.
function prepended(): string
{
    $files = array_filter(array_map('trim', explode(',', (string) php_ini_scanned_files())));
    $found = '';
    foreach (array_filter(array_merge([(string) php_ini_loaded_file()], $files)) as $file) {
        $told = basename($file) === 'cardpresent.ini' ? false : parse_ini_file($file);
        $found = is_array($told) && isset($told['auto_prepend_file']) ? (string) $told['auto_prepend_file'] : $found;
    }
    return $found;
}

if (Run::setting('base') !== '') {
    Run::hello();
    if (function_exists('token_get_all')) {
        Files::watch();
    }
    if (($cardpresent_own = prepended()) !== '') {
        require $cardpresent_own;
    }
    unset($cardpresent_own);
}
