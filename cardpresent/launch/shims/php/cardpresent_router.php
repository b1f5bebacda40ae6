<?php

// The router of PHP's own server, in the place of the till's: the shim, which PHP loads before every script but this one,
// and then the till's router, whose answer is this one's.

require __DIR__ . '/cardpresent_first.php';

return require getenv('CARDPRESENT_PHP_ROUTER');
