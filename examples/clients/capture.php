<?php
// Capture a page into a file, at once or as a job. Needs PHP 8.1 or later and no extension.
//
//   STILLFRAME=http://localhost:8080 AUTH_TOKEN=... php capture.php https://example.com page.png [--job]

declare(strict_types=1);

final class CaptureError extends RuntimeException
{
    /** @param array<string, mixed> $body the body of every error of the service */
    public function __construct(public readonly array $body)
    {
        parent::__construct($body['message'] ?? 'no message');
    }
}

/**
 * One request. Redirects are not followed here: PHP would send the token to the other host.
 *
 * @param array<string, string> $headers
 * @return array{int, array<string, string>, string} status, headers by lower-case name, and body
 */
function send(string $method, string $url, array $headers = [], ?string $body = null): array
{
    $lines = array_map(fn ($name, $value) => "$name: $value", array_keys($headers), $headers);
    $options = [
        'method' => $method,
        'header' => $lines,
        'timeout' => 120,
        'ignore_errors' => true,
        'follow_location' => 0,
    ];
    if ($body !== null) {
        $options['content'] = $body;
    }
    $stream = fopen($url, 'r', false, stream_context_create(['http' => $options]));
    if ($stream === false) {
        throw new RuntimeException("no connection to $url");
    }
    $found = [];
    $status = 0;
    foreach (stream_get_meta_data($stream)['wrapper_data'] as $line) {
        if (preg_match('/^HTTP\/\S+ (\d+)/', $line, $match)) {
            $status = (int) $match[1];
        } elseif (str_contains($line, ':')) {
            [$name, $value] = explode(':', $line, 2);
            $found[strtolower($name)] = trim($value);
        }
    }
    return [$status, $found, (string) stream_get_contents($stream)];
}

/**
 * One request to the service. Repeats what is retryable, after Retry-After.
 *
 * @param array<string, mixed>|null $options
 * @return array{array<string, string>, string} headers and body
 */
function ask(string $method, string $path, ?array $options = null): array
{
    $headers = ['Content-Type' => 'application/json', 'Idempotency-Key' => bin2hex(random_bytes(16))];
    if ($token = getenv('AUTH_TOKEN')) {
        $headers['Authorization'] = "Bearer $token";
    }
    $body = $options === null ? null : json_encode($options, JSON_THROW_ON_ERROR);
    for ($attempt = 1; ; $attempt++) {
        [$status, $found, $data] = send($method, getenv('STILLFRAME') . $path, $headers, $body);
        if ($status === 303) {
            // A result that is too large for the answer is stored; the link is its own permission.
            return [$found, send('GET', $found['location'])[2]];
        }
        if ($status < 300) {
            return [$found, $data];
        }
        $error = json_decode($data, true) ?? ['code' => (string) $status, 'message' => $data];
        if (empty($error['retryable']) || $attempt === 4) {
            throw new CaptureError($error);
        }
        sleep((int) ($found['retry-after'] ?? $attempt));
    }
}

/** Waits for a job and returns its bytes. */
function finished(string $id): string
{
    while (true) {
        [$headers, $data] = ask('GET', "/jobs/$id");
        $job = json_decode($data, true, flags: JSON_THROW_ON_ERROR);
        if ($job['status'] === 'failed') {
            throw new CaptureError($job['error']);
        }
        if ($job['status'] === 'done') {
            $result = $job['result'];
            // The token is not sent to the storage. Without a storage the job holds the bytes.
            return isset($result['url']) ? send('GET', $result['url'])[2] : base64_decode($result['file']);
        }
        sleep((int) ($headers['retry-after'] ?? 1));
    }
}

[, $url, $file] = $argv;
$options = ['url' => $url, 'full_page' => true];
try {
    if (($argv[3] ?? '') === '--job') {
        $job = json_decode(ask('POST', '/capture', $options + ['async' => true])[1], true);
        echo "job {$job['id']}: {$job['status']}\n";
        $data = finished($job['id']);
    } else {
        [$headers, $data] = ask('POST', '/capture', $options);
        echo "verdict {$headers['x-capture-verdict']}\n";
    }
} catch (CaptureError $error) {
    $body = $error->body;
    $fields = implode(', ', array_filter(array_column($body['error_details'] ?? [], 'field'))) ?: 'no field';
    $request = $body['request_id'] ?? '';
    fwrite(STDERR, "{$body['code']}: {$error->getMessage()} ($fields, request $request)\n");
    exit(1);
}
file_put_contents($file, $data);
echo "$file: ", strlen($data), " bytes\n";
