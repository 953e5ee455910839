#!/usr/bin/env bash
# Prints RabbitMQ definitions: the exchanges and queues of the spools that are named, and what each of two accounts may do with them.
#   rabbitmqctl add_user stream-handle <handle.password; rabbitmqctl add_user upload-worker <worker.password
#   deploy/rabbitmq/definitions.sh shared | rabbitmqctl import_definitions
# Both services declare all of this at every start, which changes nothing of what is there: it must be there first, since an account that
# may only publish may not make a queue that sends to another. docs/deployment.md tells what the accounts can and cannot do.
set -euo pipefail

fail() {
    echo "definitions.sh: $1" >&2
    exit 2
}

[ $# -ge 1 ] || fail "name at least one spool: the value of Crispy:Spool:Name, such as shared or stream-handle-0"
vhost=${VHOST:-/}
[[ $vhost =~ ^[A-Za-z0-9/_-]+$ ]] || fail "VHOST '$vhost' is not a virtual host's name of letters, digits, '/', '_' and '-'"

queues='' bindings=''
queue() { # NAME ARGUMENTS
    queues+="${queues:+,}
    {\"name\": \"$1\", \"vhost\": \"$vhost\", \"durable\": true, \"auto_delete\": false, \"arguments\": {\"x-queue-type\": \"quorum\"$2}}"
}
bind() { # EXCHANGE QUEUE KEY
    bindings+="${bindings:+,}
    {\"source\": \"$1\", \"vhost\": \"$vhost\", \"destination\": \"$2\", \"destination_type\": \"queue\", \
\"routing_key\": \"$3\", \"arguments\": {}}"
}

queue crispy.dead ''
bind crispy.dead crispy.dead ''
for spool in "$@"; do
    [[ $spool =~ ^[a-z0-9]+(-[a-z0-9]+)*$ && ${#spool} -le 63 ]] || fail "'$spool' is not a spool's name"
    queue "crispy.upload.$spool" ', "x-delivery-limit": 1000000000'
    bind crispy.chunks "crispy.upload.$spool" "$spool.*"
    for seconds in 1 5 30 120; do
        queue "crispy.retry.$spool.${seconds}s" ", \"x-message-ttl\": ${seconds}000, \"x-dead-letter-exchange\": \"\", \
\"x-dead-letter-routing-key\": \"crispy.upload.$spool\", \"x-dead-letter-strategy\": \"at-least-once\", \"x-overflow\": \"reject-publish\""
    done
done

# Of a name that an exchange and a queue share (crispy.dead) RabbitMQ knows one permission. "write" on a queue is what binding it asks for.
declare='^crispy\\.(chunks|dead|upload\\..+|retry\\..+)$'
cat <<JSON
{
  "permissions": [
    {"user": "stream-handle", "vhost": "$vhost", "configure": "$declare",
      "write": "^crispy\\\\.(chunks|dead|upload\\\\..+)$", "read": "^crispy\\\\.(chunks|dead)$"},
    {"user": "upload-worker", "vhost": "$vhost", "configure": "$declare",
      "write": "^(amq\\\\.default|crispy\\\\.(dead|upload\\\\..+))$", "read": "^crispy\\\\.(chunks|dead|upload\\\\..+)$"}
  ],
  "topic_permissions": [
    {"user": "stream-handle", "vhost": "$vhost", "exchange": "crispy.chunks",
      "write": "^[a-z0-9-]+\\\\.[a-z0-9-]+$", "read": "^[a-z0-9-]+\\\\.[*]$"},
    {"user": "upload-worker", "vhost": "$vhost", "exchange": "crispy.chunks", "write": "^$", "read": "^[a-z0-9-]+\\\\.[*]$"}
  ],
  "exchanges": [
    {"name": "crispy.chunks", "vhost": "$vhost", "type": "topic", "durable": true, "auto_delete": false, "internal": false,
      "arguments": {}},
    {"name": "crispy.dead", "vhost": "$vhost", "type": "fanout", "durable": true, "auto_delete": false, "internal": false, "arguments": {}}
  ],
  "queues": [$queues
  ],
  "bindings": [$bindings
  ]
}
JSON
