<?php

// Makes a payment the way it is told to, with a key of its own, and says its id: {"id"} or {"error"}.

namespace Corner\Shop;

const KEY = 'sk_test_of_the_till_itself';
const ADDRESS = 'https://api.stripe.com/v1/payment_intents';

$how = $_GET['how'] ?? $argv[1];
$form = http_build_query(['amount' => 700, 'currency' => 'usd', 'description' => $how]);

// The library's own way, cut down to what its parts are called and do: one handle, reset, with an array of options.
final class CurlClient
{
    private $handle;

    public function request(string $url, array $headers, string $form): array
    {
        $this->handle = $this->handle ?? \curl_init();
        \curl_reset($this->handle);
        \curl_setopt_array($this->handle, [
            \CURLOPT_URL => $url, \CURLOPT_POST => 1, \CURLOPT_POSTFIELDS => $form, \CURLOPT_RETURNTRANSFER => true,
            \CURLOPT_HTTPHEADER => $headers, \CURLOPT_CAINFO => __DIR__ . '/no-such-bundle.crt',
            \CURLOPT_HTTP_VERSION => \CURL_HTTP_VERSION_2TLS, \CURLOPT_CONNECTTIMEOUT => 10,
        ]);
        $body = \curl_exec($this->handle);
        return $body === false ? ['error' => \curl_error($this->handle)] : json_decode($body, true);
    }
}

function plainly(string $form, array $options): array
{
    $handle = curl_init(ADDRESS);
    curl_setopt($handle, CURLOPT_RETURNTRANSFER, true);
    curl_setopt($handle, CURLOPT_POSTFIELDS, $form);
    foreach ($options as $option => $value) {
        curl_setopt($handle, $option, $value);
    }
    $body = curl_exec($handle);
    return $body === false ? ['error' => curl_error($handle)] : json_decode($body, true);
}

$ways = [
    'stand_in' => function () use ($form) {
        $client = new CurlClient();
        $headers = ['Authorization: Bearer ' . KEY, 'User-Agent: Stripe/v1 PhpBindings/15.0.0'];
        $client->request(ADDRESS, $headers, $form);
        return $client->request(ADDRESS, $headers, $form);
    },
    'curl' => function () use ($form) {
        return plainly($form, [CURLOPT_USERPWD => KEY . ':']);
    },
    'several' => function () use ($form) {
        $handle = curl_init(ADDRESS);
        curl_setopt_array($handle, [
            CURLOPT_RETURNTRANSFER => true, CURLOPT_POSTFIELDS => $form,
            CURLOPT_HTTPHEADER => ['Authorization: Bearer ' . KEY],
        ]);
        $all = curl_multi_init();
        curl_multi_add_handle($all, $handle);
        do {
            curl_multi_exec($all, $running);
            curl_multi_select($all, 0.1);
        } while ($running);
        return json_decode(curl_multi_getcontent($handle), true);
    },
    'live' => function () use ($form) {
        return plainly($form, [CURLOPT_USERPWD => 'sk_' . 'live_of_somebody:']);
    },
    'elsewhere' => function () use ($form) {
        return plainly($form, [CURLOPT_URL => 'https://dashboard.stripe.com/login']);
    },
    'unencrypted' => function () use ($form) {
        return plainly($form, [CURLOPT_URL => str_replace('https', 'http', ADDRESS)]);
    },
    'read' => function () {
        return file_get_contents(ADDRESS);
    },
    'socket' => function () {
        return fsockopen('ssl://api.stripe.com', 443);
    },
    'files' => function () {
        $folder = sys_get_temp_dir() . '/cardpresent-' . getmypid();
        mkdir("$folder/a", 0700, true);
        file_put_contents("$folder/a/x", 'receipt');
        rename("$folder/a/x", "$folder/a/y");
        chmod("$folder/a/y", 0600);
        touch("$folder/a/y", 1000);
        $file = fopen("$folder/a/y", 'r+b');
        flock($file, LOCK_EX);
        fseek($file, 3);
        $read = fread($file, 4);
        ftruncate($file, 0);
        fclose($file);
        $told = [$read, filesize("$folder/a/y"), filemtime("$folder/a/y") >= 1000, array_values(array_diff(scandir("$folder/a"), ['.', '..']))];
        unlink("$folder/a/y");
        rmdir("$folder/a");
        rmdir($folder);
        return ['files' => $told, 'gone' => !file_exists($folder), 'missing' => @file_get_contents('/no/such/file')];
    },
    'settings' => function () {
        return ['own' => \defined('OF_THE_TILL') ? \OF_THE_TILL : null, 'precision' => ini_get('precision')];
    },
];

try {
    $told = $ways[$how]();
} catch (\Throwable $error) {
    $told = ['error' => $error->getMessage()];
}
echo json_encode(isset($told['id']) ? ['id' => $told['id']] : $told), "\n";
