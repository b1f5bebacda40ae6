<?php

// The shim once a request: a router loads it, and so does the script that the router leaves the request to.

if (!class_exists('CardpresentRedirect\\Run', false)) {
    require __DIR__ . '/cardpresent_redirect.php';
}
