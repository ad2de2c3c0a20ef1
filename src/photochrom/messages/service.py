"""The web service: requests it refuses, jobs that fail, and a set-up that cannot be used."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    # the service itself
    "busy": Message("The service is busy.", "Try again in a few seconds."),
    "out_of_memory": Message("The service is short of memory.", "Try again later."),
    "disk_full": Message("The service has no room left.", "Try again later."),
    "storage_full": Message("The service stores all it may.", "Try again later."),
    "key_name": Message(
        "The name {name!r} cannot be that of a key.", "Use letters, digits, spaces and . _ @ -, 100 at most."
    ),
    "keys_unreadable": Message("The API keys in '{path}' cannot be used ({reason}).", "Correct the file."),
    "webhook_setting": Message(
        "{variable} has {value!r}, which cannot be used.",
        "Give hosts as HOST, HOST:PORT or *.DOMAIN, networks as 10.0.0.0/8, separated by commas.",
    ),
    "half_signer": Message("{given} is set, but {missing} is not.", "Set both to sign results, or neither."),
    "not_ready": Message("The service is not ready: its storage takes nothing more.", "Try again later."),
    "queue_full": Message("Too many jobs wait.", "Try again later."),
    "queue_unavailable": Message("Jobs cannot be taken at the moment.", "Try again in a minute."),
    "failed": Message("Something went wrong in the service.", "Try again, and tell whoever runs it."),
    # who asks, and for what
    "invalid_token": Message(
        "The Authorization header is not 'Bearer' and 32 to 128 hexadecimal digits.", "POST /tokens gives some."
    ),
    "key_required": Message("This service asks for an API key.", "Send one as 'Authorization: Bearer KEY'."),
    "unknown_key": Message("This API key is not valid, or not any more.", "Ask whoever runs the service for another."),
    "model_not_allowed": Message("The network '{name}' is not for this API key.", "Choose one of {models}."),
    "too_many_requests": Message("This API key may send {limit} requests a minute.", "Try again in {seconds} s."),
    "foreign_origin": Message("The request comes from another site.", "Use the service's own page."),
    "unknown_host": Message("This service has another name.", "Check the address."),
    "unknown_address": Message("There is nothing at this address.", "Check it."),
    "method_not_allowed": Message("This address does not take such a request.", "See openapi.json."),
    "unknown_content_type": Message(
        "The body is neither a form with a video nor JSON with photos.", "Send one of them; see openapi.json."
    ),
    "unreadable_request": Message("The request cannot be read.", "Send it again."),
    "refused": Message("The request was refused.", "See openapi.json."),
    "invalid_request": Message("The request is not valid: {reason}.", "Correct it."),
    "invalid_field": Message("The field '{field}' is not valid: {reason}.", "Correct it."),
    "unknown_field": Message("The field '{field}' is unknown.", "Leave it out."),
    "file_missing": Message("The form has no file.", "Send a video as 'file'."),
    "unknown_container": Message("The container '{container}' is not offered.", "Choose one of {containers}."),
    "unknown_model": Message("The network {name!r} is not offered here.", "Choose one of {models}."),
    "no_quality": Message("{format} has no quality to choose.", "Leave it out, or choose JPEG, WEBP, AVIF or HEIF."),
    "photo_option": Message(
        "The option '{option}' is for photos.",
        "A video takes {options}.",
    ),
    "reference_not_stored": Message(
        "A reference must be a photo that is stored already.", "Send both photos to /photos first."
    ),
    "invalid_key": Message("The Idempotency-Key is not 8 to 200 visible ASCII characters.", "Send another."),
    "webhook_address": Message("The webhook's address is not one.", "Send it as https://HOST/PATH, in ASCII."),
    "webhook_host": Message("Webhooks may not go to '{host}'.", "Ask whoever runs the service to allow it."),
    "key_in_work": Message("The first request with this Idempotency-Key is still in work.", "Ask again in a second."),
    "key_reused": Message("This Idempotency-Key was used for something else.", "Send a new one."),
    # what is not there
    "not_found": Message("The {thing} does not exist, or it has expired.", "Send it again."),
    "job_not_done": Message("The job is {status}.", "Wait until it is done."),
    "other_photo": Message("The project was made of another photo, '{name}'.", "Choose that one first."),
    "other_model": Message("The project was made with another version of {name}.", "Colour the photo anew."),
    "reference_missing": Message(
        "The project's reference, '{name}', is not stored.", "Send it too, then import the project again."
    ),
    # limits
    "upload_too_large": Message("The {thing} has more than {limit} megabytes.", "Send a smaller one."),
    "upload_too_slow": Message("The upload came too slowly.", "Send it again over a faster line."),
    "photo_too_large": Message("The photo has more than {limit} megapixels.", "Send a smaller one."),
    "video_too_large": Message("The video has {width} x {height} pixels.", "Send it with {limit} pixels at most."),
    "video_too_long": Message("The video is {seconds} s long.", "Send a part of {limit} s at most."),
    "too_many_frames": Message("The video has more than {limit} frames.", "Send a shorter one."),
    "hint_outside": Message("The hint at {x}, {y} is outside the video.", "Place it within {width} x {height} pixels."),
    "too_many_hints": Message("There are {count} hints.", "Give {limit} at most."),
    "too_many_photos": Message("{limit} photos are stored already.", "Delete one, or wait until they expire."),
    "too_many_videos": Message("{limit} videos are stored already.", "Delete one, or wait until they expire."),
    "too_many_jobs": Message("{count} jobs are stored already.", "Delete one, or wait until they expire."),
    "too_many_active_jobs": Message("{count} of your jobs wait or run.", "Try again when one is done."),
    "batch_too_large": Message("A job takes {limit} photos at most.", "Send several jobs."),
    # what fails in a job, and videos that are not taken
    "not_a_video": Message(
        "The file is not a video that is read here.", "Send an MP4, MOV, MKV, WebM, AVI, FLV, WMV or MPEG file."
    ),
    "video_as_photo": Message(
        "The file is a video, and this address takes photos.", "Send it to /jobs, which colours videos."
    ),
    "batch_failed": Message("None of the photos could be coloured ({reason}).", "Send others."),
    "worker_lost": Message("The worker was lost {count} times while it made {name}.", "Try a smaller part of it."),
    # how it is set up
    "invalid_limit": Message("The limit {limit} is {value!r}.", "Give a whole number, 1 or more."),
    "unknown_limit": Message("{variable} does not name a limit.", "Use one of {known}."),
    "storage_unusable": Message(
        "The storage '{location}' cannot be used ({reason}).", "Choose another PHOTOCHROM_STORAGE_URL."
    ),
    "queue_unusable": Message("The queue '{address}' cannot be used ({reason}).", "Check PHOTOCHROM_QUEUE_URL."),
    "queue_unsupported": Message(
        "The queue '{address}' is of no known kind.", "Give PHOTOCHROM_QUEUE_URL as redis://HOST:PORT/NUMBER."
    ),
}
