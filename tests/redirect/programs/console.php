<?php

// As a framework's console is: a script that is called, and the till's code in files that it includes.

require __DIR__ . '/till.php';
