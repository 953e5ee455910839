#!/usr/bin/env bash
# Makes everything that Crispy needs on Google Cloud, and deploys chunk-logger. Every step may run again: what exists is
# kept or brought up to date. deploy.sh --help names the steps and options; README.md beside this file explains them.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

usage() {
    cat <<'USAGE'
deploy.sh --project PROJECT --bucket BUCKET --retention DAYS [options] [STEP...]

Video is deleted for good after DAYS days, by the bucket itself. Rules of the bucket that are not Crispy's stay as they are.

Steps, in their order (all but images, when none is named):
  apis          enable the APIs
  accounts      service accounts
  bucket        bucket, how long it keeps what, who may read, write and hold it
  secrets       signing key and public keys in Secret Manager
  images        build the images of stream-handle, upload-worker and console into Artifact Registry
  logger        build and deploy chunk-logger
  topic         topic, dead-letter topic, notification of the bucket     (not with --trigger eventarc)
  trigger       what brings the events to chunk-logger: push subscription, or Eventarc's trigger

Options:
  --region REGION        where everything is (europe-west1)
  --build WAY            chunk-logger as a function by buildpack, or by container from its Dockerfile (buildpack)
  --trigger WAY          push: Pub/Sub notification, push subscription with OIDC and dead letters; or eventarc (push)
  --signing-key FILE     P-256 private key in PEM for a first version of the secret; made, and kept nowhere else, if not given
  --records              publish each log entry to the topic crispy-records too, for BigQuery or any subscriber
  --rotate-key           add a new signing key; chunk-logger goes on accepting the earlier ones
  --retention DAYS       days for which the bucket keeps video, or forever; or unchanged, which leaves its rules as they are. Asked for if
                         not given. What changes is shown first, and asked for; needs the .NET SDK, except with unchanged
  --loss-days DAYS       days for which it keeps loss records, not below --retention (forever)
  --yes                  do not ask before the bucket's rules are changed
  --kubernetes NS/KSA    let this Kubernetes service account of a GKE cluster act as upload-worker, and console of its namespace as console
                         (workload identity)
  --tag TAG              tag of the images (the commit's short hash)
  --dry-run              print every command, run none
USAGE
}

fail() {
    echo "deploy.sh: $1" >&2
    exit 2
}

project='' bucket='' region=europe-west1 build=buildpack trigger=push signing_key_file='' rotate=false
retention='' loss_days=forever yes=false
kubernetes='' tag='' records=false dry_run=false steps=()
while [ $# -gt 0 ]; do
    case $1 in
        --project | --bucket | --region | --build | --trigger | --signing-key | --retention | --loss-days | --kubernetes | --tag)
            [ $# -ge 2 ] || fail "$1 needs a value"
            case $1 in
                --project) project=$2 ;;
                --bucket) bucket=$2 ;;
                --region) region=$2 ;;
                --build) build=$2 ;;
                --trigger) trigger=$2 ;;
                --signing-key) signing_key_file=$2 ;;
                --retention) retention=$2 ;;
                --loss-days) loss_days=$2 ;;
                --kubernetes) kubernetes=$2 ;;
                --tag) tag=$2 ;;
            esac
            shift 2
            ;;
        --records) records=true && shift ;;
        --yes | -y) yes=true && shift ;;
        --rotate-key) rotate=true && shift ;;
        --dry-run) dry_run=true && shift ;;
        --help | -h) usage && exit 0 ;;
        apis | accounts | bucket | secrets | images | logger | topic | trigger) steps+=("$1") && shift ;;
        *) fail "'$1' is no step and no option; see --help" ;;
    esac
done
[[ $project =~ ^[a-z][a-z0-9-]{4,28}[a-z0-9]$ ]] || fail "--project '$project' is not a project's id"
[[ $bucket =~ ^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$ ]] || fail "--bucket '$bucket' is not a bucket's name"
[[ $region =~ ^[a-z]+-[a-z]+[0-9]+$ ]] || fail "--region '$region' is not a region, such as europe-west1"
[[ $build =~ ^(buildpack|container)$ ]] || fail "--build '$build': buildpack or container"
[[ $trigger =~ ^(push|eventarc)$ ]] || fail "--trigger '$trigger': push or eventarc"
[[ -z $kubernetes || $kubernetes =~ ^[a-z0-9-]+/[a-z0-9-]+$ ]] || fail "--kubernetes '$kubernetes': NAMESPACE/SERVICEACCOUNT"
[[ -z $signing_key_file || -r $signing_key_file ]] || fail "--signing-key '$signing_key_file' cannot be read"
[ "${#steps[@]}" -gt 0 ] || steps=(apis accounts bucket secrets logger topic trigger)
period='^([1-9][0-9]{0,4}|forever)$'
if [[ " ${steps[*]} " == *" bucket "* ]]; then
    [ -n "$retention" ] || [ ! -t 0 ] || read -r -p 'For how many days is the bucket to keep video (or forever, or unchanged)? ' retention
    [[ $retention =~ $period || $retention = unchanged ]] ||
        fail "--retention '$retention': a number of days after which video is deleted for good, forever, or unchanged"
    [[ $loss_days =~ $period ]] || fail "--loss-days '$loss_days': a number of days, or forever"
fi
[ -n "$tag" ] || tag=$(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo 0.1.0)

# Google's buildpack takes the SDK of global.json and the runtime of the build literally (10.0.100 and 10.0.0), without later fixes.
# Both are those of the Dockerfiles here.
runtime_version=10.0.12 sdk_version=10.0.401
topic=crispy-chunks dead_topic=crispy-chunks-dead records_topic=crispy-records subscription=crispy-chunk-logger repository=crispy
holder_role=crispyHolder signing_secret=crispy-signing-key public_secret=crispy-signing-public-keys
function=chunk-logger
# A function has a Cloud Run service of its own name beneath it: the container must not take its place unseen.
[ "$build" = buildpack ] || function=chunk-logger-container
account() { echo "$1@$project.iam.gserviceaccount.com"; }
stream_handle=$(account crispy-stream-handle) upload_worker=$(account crispy-upload-worker)
chunk_logger=$(account crispy-chunk-logger) console=$(account crispy-console)
invoker=$(account crispy-invoker) builder=$(account crispy-builder)

# ---- how commands are run -------------------------------------------------------------------------------------------

show() {
    printf '%q ' "$@" | sed 's/ $//'
    echo
}

# Runs a command; with --dry-run only prints it.
run() {
    show "$@"
    "$dry_run" || "$@"
}

# The same for one that may find its work done: "already exists" is success, every other failure ends the script.
create() {
    show "$@"
    if "$dry_run"; then return; fi
    local answer
    if answer=$("$@" 2>&1); then
        [ -z "$answer" ] || echo "$answer"
    elif grep -qiE 'already exists|ALREADY_EXISTS' <<<"$answer"; then
        echo "  is there already"
    else
        echo "$answer" >&2
        return 1
    fi
}

# The same for a grant: a new account is known everywhere only after some seconds.
grant() {
    show "$@"
    if "$dry_run"; then return; fi
    local attempt answer
    for attempt in 1 2 3 4 5 6; do
        if answer=$("$@" 2>&1); then return; fi
        grep -qiE 'does not exist|NOT_FOUND|concurrent policy changes|ABORTED' <<<"$answer" || break
        [ "$attempt" = 6 ] || sleep "${CRISPY_GRANT_WAIT:-10}"
    done
    echo "$answer" >&2
    return 1
}

# Whether something exists. With --dry-run nothing does, so that the commands of a first run are printed.
exists() {
    show "$@"
    if "$dry_run"; then return 1; fi
    "$@" >/dev/null 2>&1
}

# ask PLACEHOLDER COMMAND...: leaves a command's output in $reply; with --dry-run the placeholder.
ask() {
    reply=$1
    shift
    show "$@"
    "$dry_run" || reply=$("$@")
    [ -n "$reply" ] || { echo "deploy.sh: no answer from: $*" >&2; return 1; }
}

project_number() {
    ask PROJECT_NUMBER gcloud projects describe "$project" --format='value(projectNumber)'
    number=$reply
}

# ---- the steps ------------------------------------------------------------------------------------------------------

apis() {
    run gcloud services enable artifactregistry.googleapis.com cloudbuild.googleapis.com cloudfunctions.googleapis.com \
        eventarc.googleapis.com iam.googleapis.com iamcredentials.googleapis.com logging.googleapis.com pubsub.googleapis.com \
        run.googleapis.com secretmanager.googleapis.com storage.googleapis.com --project="$project"
}

accounts() {
    create gcloud iam service-accounts create crispy-stream-handle --display-name="Crispy stream-handle: signs chunks" --project="$project"
    create gcloud iam service-accounts create crispy-upload-worker --display-name="Crispy upload-worker: writes chunks" --project="$project"
    create gcloud iam service-accounts create crispy-chunk-logger \
        --display-name="Crispy chunk-logger: reads chunks, signs URLs" --project="$project"
    create gcloud iam service-accounts create crispy-console --display-name="Crispy console: reads chunks, signs URLs" --project="$project"
    create gcloud iam service-accounts create crispy-invoker --display-name="Crispy: brings events to chunk-logger" --project="$project"
    create gcloud iam service-accounts create crispy-builder --display-name="Crispy: builds images" --project="$project"
    # signBlob on itself: V4 signed URLs without a key file.
    grant gcloud iam service-accounts add-iam-policy-binding "$chunk_logger" --member="serviceAccount:$chunk_logger" \
        --role=roles/iam.serviceAccountTokenCreator --project="$project"
    grant gcloud iam service-accounts add-iam-policy-binding "$console" --member="serviceAccount:$console" \
        --role=roles/iam.serviceAccountTokenCreator --project="$project"
    grant gcloud projects add-iam-policy-binding "$project" --member="serviceAccount:$builder" \
        --role=roles/cloudbuild.builds.builder --condition=None
    if [ -n "$kubernetes" ]; then
        grant gcloud iam service-accounts add-iam-policy-binding "$upload_worker" \
            --member="serviceAccount:$project.svc.id.goog[$kubernetes]" \
            --role=roles/iam.workloadIdentityUser --project="$project"
        grant gcloud iam service-accounts add-iam-policy-binding "$console" \
            --member="serviceAccount:$project.svc.id.goog[${kubernetes%%/*}/console]" \
            --role=roles/iam.workloadIdentityUser --project="$project"
    fi
}

bucket() {
    local asks=(--yes)
    if exists gcloud storage buckets describe "gs://$bucket" --format='value(name)' --project="$project"; then
        run gcloud storage buckets update "gs://$bucket" --project="$project" \
            --uniform-bucket-level-access --public-access-prevention
        "$yes" || asks=()
    else
        run gcloud storage buckets create "gs://$bucket" --project="$project" --location="$region" \
            --uniform-bucket-level-access --public-access-prevention
    fi
    rules "${asks[@]}"
    # The worker creates objects, and reads their checksums to tell "stored already" from "another object";
    # it can neither overwrite, delete nor list.
    grant gcloud storage buckets add-iam-policy-binding "gs://$bucket" --member="serviceAccount:$upload_worker" \
        --role=roles/storage.objectCreator --project="$project"
    grant gcloud storage buckets add-iam-policy-binding "gs://$bucket" --member="serviceAccount:$upload_worker" \
        --role=roles/storage.legacyObjectReader --project="$project"
    grant gcloud storage buckets add-iam-policy-binding "gs://$bucket" --member="serviceAccount:$chunk_logger" \
        --role=roles/storage.objectViewer --project="$project"
    grant gcloud storage buckets add-iam-policy-binding "gs://$bucket" --member="serviceAccount:$console" \
        --role=roles/storage.objectViewer --project="$project"
    # To keep a range at any age changes what is said of its objects: it cannot write, replace or delete them.
    # And it tells what the bucket's rules delete.
    holder
    grant gcloud storage buckets add-iam-policy-binding "gs://$bucket" --member="serviceAccount:$console" \
        --role="projects/$project/roles/$holder_role" --project="$project"
}

holder() {
    local role=(--title="Crispy: holds chunks" "--permissions=storage.objects.update,storage.buckets.get" --stage=GA --quiet)
    if exists gcloud iam roles describe "$holder_role" --project="$project" --format='value(name)'; then
        run gcloud iam roles update "$holder_role" --project="$project" "${role[@]}"
    else
        run gcloud iam roles create "$holder_role" --project="$project" "${role[@]}"
    fi
}

# How long the bucket keeps what: crispy retention shows what changes, asks, and leaves the rules of others as they are.
rules() {
    local crispy=${CRISPY_CLI:-$root/crispy} arguments=(--days "$retention" --loss-days "$loss_days")
    if [ "$retention" = unchanged ]; then
        echo "  its rules stay as they are"
        return
    fi
    show gcloud auth print-access-token --project="$project"
    if "$dry_run"; then
        show "$crispy" retention apply --bucket "$bucket" "${arguments[@]}"
        echo "  which sets these rules, beside those of others:"
        "$crispy" retention rules "${arguments[@]}" | sed 's/^/  /' ||
            fail "crispy retention needs the .NET SDK; --retention unchanged does without"
        return
    fi
    # A bucket that was just made has no rules that could be changed.
    arguments+=("$@")
    show "$crispy" retention apply --bucket "$bucket" "${arguments[@]}"
    CLOUDSDK_AUTH_ACCESS_TOKEN=$(gcloud auth print-access-token --project="$project")
    export CLOUDSDK_AUTH_ACCESS_TOKEN
    "$crispy" retention apply --bucket "$bucket" "${arguments[@]}" ||
        fail "the bucket's rules were not set: see above. --yes does not ask, --retention unchanged leaves them"
    unset CLOUDSDK_AUTH_ACCESS_TOKEN
}

secrets() {
    create gcloud secrets create "$signing_secret" --replication-policy=user-managed --locations="$region" --project="$project"
    create gcloud secrets create "$public_secret" --replication-policy=user-managed --locations="$region" --project="$project"
    add_signing_key
    grant gcloud secrets add-iam-policy-binding "$signing_secret" --member="serviceAccount:$stream_handle" \
        --role=roles/secretmanager.secretAccessor --project="$project"
    grant gcloud secrets add-iam-policy-binding "$public_secret" --member="serviceAccount:$chunk_logger" \
        --role=roles/secretmanager.secretAccessor --project="$project"
}

# A key goes from openssl to Secret Manager through pipes: never into a file, an argument or this script's output.
add_signing_key() {
    local versions='' key='' public='' earlier=''
    local list=(gcloud secrets versions list "$signing_secret" --filter=state=ENABLED --limit=1 --format='value(name)')
    list+=(--project="$project")
    show "${list[@]}"
    "$dry_run" || versions=$("${list[@]}")
    if [ -n "$versions" ] && ! "$rotate"; then
        echo "  has a key already"
        return
    fi
    # The public key first: a signature must never meet a chunk-logger that could not know its key.
    [ -z "$versions" ] || show gcloud secrets versions access latest --secret="$public_secret" --project="$project"
    show gcloud secrets versions add "$public_secret" --data-file=- --project="$project"
    show gcloud secrets versions add "$signing_secret" --data-file=- --project="$project"
    if "$dry_run"; then return; fi
    if [ -n "$signing_key_file" ]; then key=$(cat "$signing_key_file")
    else key=$(openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256)
    fi
    public=$(openssl pkey -pubout <<<"$key") || fail "the signing key is not a private key in PEM"
    openssl pkey -pubin -noout -text <<<"$public" | grep -q 'NIST CURVE: P-256' || fail "the signing key is not one on the curve P-256"
    [ -z "$versions" ] || earlier=$(gcloud secrets versions access latest --secret="$public_secret" --project="$project")
    printf '%s\n' "$public" ${earlier:+"$earlier"} | gcloud secrets versions add "$public_secret" --data-file=- --project="$project"
    printf '%s\n' "$key" | gcloud secrets versions add "$signing_secret" --data-file=- --project="$project"
}

image() { echo "$region-docker.pkg.dev/$project/$repository/$1:$tag"; }

build_image() {
    run gcloud builds submit "$root" --config="$here/cloudbuild.yaml" --substitutions="_IMAGE=$(image "$1"),_DOCKERFILE=$2/Dockerfile" \
        --region="$region" --service-account="projects/$project/serviceAccounts/$builder" --project="$project"
}

registry() {
    create gcloud artifacts repositories create "$repository" --repository-format=docker --location="$region" --project="$project"
}

images() {
    registry
    build_image stream-handle Crispy.StreamHandle
    build_image upload-worker Crispy.UploadWorker
    build_image console Crispy.Console
}

logger() {
    local settings="Crispy__Bucket=$bucket,GOOGLE_CLOUD_PROJECT=$project"
    # The topic first: what is published to a topic that is not there is refused.
    if "$records"; then
        create gcloud pubsub topics create "$records_topic" --project="$project"
        grant gcloud pubsub topics add-iam-policy-binding "$records_topic" --member="serviceAccount:$chunk_logger" \
            --role=roles/pubsub.publisher --project="$project"
        settings+=",Crispy__ChunkLogger__Topic=projects/$project/topics/$records_topic"
    fi
    local secret_settings="Crispy__Signing__PublicKeys=$public_secret:latest"
    if [ "$build" = buildpack ]; then
        local events=(--trigger-http) build_settings=GOOGLE_BUILDABLE=Crispy.ChunkLogger/Crispy.ChunkLogger.csproj
        # MSBuild reads GoogleFunctionsPackages as a property: Google's own Functions Framework instead of the stand-in for it.
        build_settings+=",GOOGLE_DOTNET_SDK_VERSION=$sdk_version,GOOGLE_ASP_NET_CORE_VERSION=$runtime_version,GoogleFunctionsPackages=true"
        [ "$trigger" = push ] || events=(--trigger-event-filters=type=google.cloud.storage.object.v1.finalized
            --trigger-event-filters="bucket=$bucket" --trigger-location="$region" --trigger-service-account="$invoker" --retry)
        [ "$trigger" = push ] || eventarc_grants
        run gcloud functions deploy "$function" --gen2 --runtime=dotnet10 --region="$region" --project="$project" --source="$root" \
            --entry-point=Crispy.ChunkLogger.Function --set-build-env-vars="$build_settings" \
            --build-service-account="projects/$project/serviceAccounts/$builder" --service-account="$chunk_logger" \
            "${events[@]}" --no-allow-unauthenticated --ingress-settings=internal-only \
            --memory=256Mi --cpu=1 --concurrency=40 --max-instances=20 --timeout=60s \
            --set-env-vars="$settings" --set-secrets="$secret_settings"
    else
        registry
        build_image chunk-logger Crispy.ChunkLogger
        run gcloud run deploy "$function" --image="$(image chunk-logger)" --region="$region" --project="$project" \
            --service-account="$chunk_logger" --no-allow-unauthenticated --ingress=internal --port=8080 \
            --memory=256Mi --cpu=1 --concurrency=40 --max-instances=20 --timeout=60s \
            --startup-probe=httpGet.path=/alive,httpGet.port=8080,periodSeconds=2,failureThreshold=30 \
            --liveness-probe=httpGet.path=/alive,httpGet.port=8080,periodSeconds=30 \
            --set-env-vars="FUNCTION_TARGET=Crispy.ChunkLogger.Function,DOTNET_RUNNING_IN_CONTAINER=true,$settings" \
            --set-secrets="$secret_settings"
    fi
}

topic() {
    if [ "$trigger" = eventarc ]; then
        echo "  Eventarc keeps a topic of its own"
        return
    fi
    project_number
    local storage_agent
    ask STORAGE_AGENT gcloud storage service-agent --project="$project"
    # Printed as "service-N@gs-project-accounts.iam.gserviceaccount.com", with a sentence around it in some releases.
    storage_agent=$(grep -oE '[A-Za-z0-9._-]+@[A-Za-z0-9.-]+' <<<"$reply" ||
        echo "service-$number@gs-project-accounts.iam.gserviceaccount.com")
    create gcloud pubsub topics create "$topic" --project="$project"
    create gcloud pubsub topics create "$dead_topic" --project="$project"
    grant gcloud pubsub topics add-iam-policy-binding "$topic" --member="serviceAccount:$storage_agent" \
        --role=roles/pubsub.publisher --project="$project"
    # A dead letter without a subscription is gone.
    create gcloud pubsub subscriptions create "$dead_topic" --topic="$dead_topic" \
        --message-retention-duration=31d --expiration-period=never --project="$project"
    # Creating a notification twice would bring each event twice: only one that is missing is made.
    local notifications=''
    show gcloud storage buckets notifications list "gs://$bucket" --format=json --project="$project"
    "$dry_run" || notifications=$(gcloud storage buckets notifications list "gs://$bucket" --format=json --project="$project")
    if grep -qF "/projects/$project/topics/$topic\"" <<<"$notifications"; then
        echo "  is there already"
    else
        run gcloud storage buckets notifications create "gs://$bucket" --topic="projects/$project/topics/$topic" \
            --event-types=OBJECT_FINALIZE --payload-format=json --skip-topic-setup --project="$project"
    fi
}

trigger() {
    # A function's underlying Cloud Run service has the function's name: one way for both.
    grant gcloud run services add-iam-policy-binding "$function" --member="serviceAccount:$invoker" --role=roles/run.invoker \
        --region="$region" --project="$project"
    if [ "$trigger" = eventarc ]; then eventarc_trigger; else push_subscription; fi
}

push_subscription() {
    project_number
    local url pubsub_agent="service-$number@gcp-sa-pubsub.iam.gserviceaccount.com"
    ask "https://$function-$number.$region.run.app" gcloud run services describe "$function" \
        --region="$region" --project="$project" --format='value(status.url)'
    url=$reply
    token_grant
    grant gcloud pubsub topics add-iam-policy-binding "$dead_topic" --member="serviceAccount:$pubsub_agent" \
        --role=roles/pubsub.publisher --project="$project"
    # The path names the topic, from which the Functions Framework takes the event's source; the audience is the service itself.
    local settings=(--push-endpoint="$url/projects/$project/topics/$topic" --push-auth-service-account="$invoker"
        --push-auth-token-audience="$url" --ack-deadline=60 --min-retry-delay=10s --max-retry-delay=600s
        --dead-letter-topic="projects/$project/topics/$dead_topic" --max-delivery-attempts=100
        --message-retention-duration=7d --expiration-period=never --project="$project")
    if exists gcloud pubsub subscriptions describe "$subscription" --project="$project" --format='value(name)'; then
        run gcloud pubsub subscriptions update "$subscription" "${settings[@]}"
    else
        run gcloud pubsub subscriptions create "$subscription" --topic="$topic" "${settings[@]}"
    fi
    grant gcloud pubsub subscriptions add-iam-policy-binding "$subscription" --member="serviceAccount:$pubsub_agent" \
        --role=roles/pubsub.subscriber --project="$project"
}

# Pub/Sub brings an OIDC token of the invoker with each event; in projects from before April 2021 it may not by itself.
token_grant() {
    run gcloud beta services identity create --service=pubsub.googleapis.com --project="$project"
    grant gcloud iam service-accounts add-iam-policy-binding "$invoker" \
        --member="serviceAccount:service-$number@gcp-sa-pubsub.iam.gserviceaccount.com" \
        --role=roles/iam.serviceAccountTokenCreator --project="$project"
}

eventarc_grants() {
    project_number
    token_grant
    run gcloud storage service-agent --project="$project"
    grant gcloud projects add-iam-policy-binding "$project" \
        --member="serviceAccount:service-$number@gs-project-accounts.iam.gserviceaccount.com" \
        --role=roles/pubsub.publisher --condition=None
    grant gcloud projects add-iam-policy-binding "$project" --member="serviceAccount:$invoker" \
        --role=roles/eventarc.eventReceiver --condition=None
}

eventarc_trigger() {
    if [ "$build" = buildpack ]; then
        echo "  the function's deployment made its trigger"
        return
    fi
    eventarc_grants
    create gcloud eventarc triggers create crispy-chunks --location="$region" --project="$project" \
        --destination-run-service="$function" --destination-run-region="$region" --service-account="$invoker" \
        --event-filters=type=google.cloud.storage.object.v1.finalized --event-filters="bucket=$bucket"
}

for step in "${steps[@]}"; do
    echo "# $step"
    "$step"
done
