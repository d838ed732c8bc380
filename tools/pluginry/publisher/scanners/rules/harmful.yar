// What harmful plugins were seen to hold. Each rule asks for two signs that are rare together, never for one word.

rule reverse_shell
{
    meta:
        description = "a shell whose input and output is a connection"
        severity = "needs_review"
    strings:
        $dev_tcp = /\/dev\/(tcp|udp)\/[\w.${}-]{3,64}\//
        $bash = /\b(ba|z|da|k)?sh\s+-i\b/
        $netcat = /\b(nc|ncat|netcat)(\.exe)?\s+(-\w+\s+){0,4}-\w*e\w*\s+(\/bin\/|cmd)/
        $dup = /os\.dup2\s*\(\s*\w+\.fileno\(\)/
        $spawn = /(pty\.spawn|subprocess\.(call|run|Popen)|os\.(system|exec\w+))\s*\(/
        $node = /\.(pipe)\s*\(\s*\w+\.stdin\s*\)/
        $node_out = /\.stdout\.pipe\s*\(\s*\w+\s*\)/
        $node_net = /(net|tls)['"]?\)?\.(connect|Socket|createConnection)/
    condition:
        filesize < 16MB and (($dev_tcp and $bash) or $netcat or ($dup and $spawn) or ($node and $node_out and $node_net))
}

rule credential_theft
{
    meta:
        description = "files where programs keep credentials, and a way to send them"
        severity = "needs_review"
    strings:
        $aws = ".aws/credentials"
        $ssh = /\.ssh[\/\\'", ]{1,6}id_(rsa|ed25519|ecdsa|dsa)/
        $netrc = ".netrc"
        $npmrc = ".npmrc"
        $pypirc = ".pypirc"
        $docker = ".docker/config.json"
        $kube = ".kube/config"
        $git = ".git-credentials"
        $login = /(Login Data|Local State|logins\.json|key4\.db|cookies\.sqlite)/
        $wallet = /(wallet\.dat|Exodus\/exodus\.wallet|Local Extension Settings)/
        $send_py = /(requests|httpx|session)\.(post|put)\s*\(|urlopen\s*\(|http\.client|smtplib/
        $send_js = /\bfetch\s*\(|axios\.(post|put)|\.request\s*\(|sendBeacon|XMLHttpRequest/
        $send_sh = /\b(curl|wget)\b[^\n]{0,80}(-d|--data|-F|-T|--post-)/
    condition:
        filesize < 16MB and any of ($send*) and ($aws or $ssh or $git or $login or $wallet or 3 of ($netrc, $npmrc, $pypirc, $docker, $kube))
}

rule environment_theft
{
    meta:
        description = "all environment variables are put together to be sent"
        severity = "needs_review"
    strings:
        $py = /(json\.dumps|dict|str|json\s*=|data\s*=)\s*\(?\s*(dict\()?os\.environ\s*[\),}]/
        $py_send = /(requests|httpx)\.(post|put|get)\s*\(|urlopen\s*\(|http\.client/
        $js = /JSON\.stringify\s*\(\s*(\{[^}]{0,40})?process\.env\s*[\),}]/
        $js_send = /\bfetch\s*\(|https?\.(request|get)|axios|sendBeacon|\.request\s*\(/
    condition:
        filesize < 16MB and (($py and $py_send) or ($js and $js_send))
}

rule coin_miner
{
    meta:
        description = "a program that computes coins for somebody"
        severity = "needs_review"
    strings:
        $pool = /stratum\+(tcp|ssl|tls|udp):\/\//
        $xmrig = "xmrig" nocase
        $donate = "donate-level"
        $algorithm = /\b(randomx|cryptonight|kawpow|ethash)\b/i
        $hive = "coinhive.min.js" nocase
    condition:
        filesize < 64MB and ($pool or $hive or ($xmrig and ($donate or $algorithm)))
}

rule clipboard_wallet_swap
{
    meta:
        description = "addresses of coins are looked for in the clipboard, and others are put there"
        severity = "needs_review"
    strings:
        $read = /pyperclip\.paste|clipboard_get|clipboard\.readText|GetClipboardData|clipboardy\.read/
        $write = /pyperclip\.copy|clipboard_append|clipboard\.writeText|SetClipboardData|clipboardy\.write/
        $bitcoin = /\[13\]\[a-km-zA-HJ|\(bc1\||\bbc1\[|\^?bc1q?|\[13b\]/
        $ether = /0x\[(a-fA-F0-9|0-9a-fA-F|A-Fa-f0-9|a-f0-9)\]\{40\}/
        $monero = /\^?\(?4\[0-9AB\]/
    condition:
        filesize < 16MB and $read and $write and any of ($bitcoin, $ether, $monero)
}

rule download_and_run
{
    meta:
        description = "something is fetched and run in one step"
        severity = "needs_review"
    strings:
        $pipe = /\b(curl|wget)\b[^\n|]{0,200}\|\s*(sudo\s+)?(ba|z|da)?sh\b/
        $powershell = /(IEX|Invoke-Expression)\s*\(?\s*\(?\s*(New-Object\s+Net\.WebClient|iwr|Invoke-WebRequest)/i
        $encoded = /powershell(\.exe)?\s[^\n]{0,80}-e(nc|ncodedcommand)?\s+[A-Za-z0-9+\/=]{40,}/i
        $exec_py = /\b(exec|eval)\s*\(\s*(requests\.get|urllib\.request\.urlopen|urlopen|httpx\.get)\s*\(/
        $eval_js = /\beval\s*\(\s*(await\s+)?\(?\s*(await\s+)?(fetch|axios)/
        $certutil = /certutil(\.exe)?\s+-urlcache/i
    condition:
        filesize < 16MB and any of them and not uint32be(0) == 0x7f454c46
}

rule sends_to_a_drop
{
    meta:
        description = "data goes to a service where anybody can drop it"
        severity = "needs_review"
    strings:
        $discord = /discord(app)?\.com\/api\/webhooks\/\d{5,}/
        $telegram = /api\.telegram\.org\/bot\d{6,}:/
        $hooks = /(webhook\.site\/[0-9a-f]{8}-|\.(oastify|burpcollaborator|interact|oast)\.(com|net|sh|fun|pro|live|site|online|me)\b|requestbin\.|pipedream\.net\b)/
        $paste = /(pastebin\.com\/raw\/|transfer\.sh\/|0x0\.st\b|anonfiles\.com|gofile\.io\/upload)/
    condition:
        filesize < 16MB and any of them
}

rule stays_after_removal
{
    meta:
        description = "it arranges to be started again, outside the plugin"
        severity = "needs_review"
    strings:
        $cron = /crontab\s+-(\s|['"])|\|\s*crontab\b|\/etc\/cron\.(d|daily|hourly)\//
        $run_key = /CurrentVersion\\{1,4}Run\b/
        $launch = /Library\/LaunchAgents\//
        $systemd = /\.config\/systemd\/user\/|systemctl\s+(--user\s+)?enable\b/
        $shell_rc = /(>>|open\()[^\n]{0,60}\.(bashrc|zshrc|profile|bash_profile)\b/
        $autostart = /\.config\/autostart\//
    condition:
        filesize < 16MB and any of them
}
