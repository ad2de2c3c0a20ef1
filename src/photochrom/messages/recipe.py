"""Recipes that say something impossible, or that do not suit the photos, the network or the machine."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "device_unavailable": Message(
        "This machine cannot train as the recipe says ({reason}).",
        "Change run.accelerator, run.devices or run.precision.",
    ),
    "duplicate_key": Message("'{key}' and '{new}' are the same key.", "Remove '{key}'."),
    "empty_value": Message("'{key}' is empty.", "Give it a value."),
    "features_augmented": Message(
        "Stored features are of unchanged photos, which may only be mirrored.",
        "Set {keys} to 0, or data.cache to none.",
    ),
    "features_encoder_learns": Message(
        "Features of an encoder that learns cannot be stored.",
        "Raise optimizer.encoder_frozen_blocks until all of it is frozen, or set data.cache to none.",
    ),
    "features_folder_missing": Message(
        "Stored features need a folder.", "Name one on a large disk as data.features, or set data.cache to none."
    ),
    "features_several_sizes": Message(
        "Stored features are of photos of one size.", "Leave one of data.batches, or set data.cache to none."
    ),
    "features_teacher": Message(
        "A teacher needs the photos themselves, not stored features.",
        "Leave out loss.teacher, or set data.cache to none.",
    ),
    "features_unsupported": Message(
        "'{architecture}' cannot be trained on stored features.", "Set data.cache to none."
    ),
    "impossible_value": Message("'{source}' holds a value that cannot be in a recipe.", "Correct it."),
    "invalid_override": Message("'{override}' does not set a key.", "Write  section.key=value."),
    "invalid_yaml": Message("'{source}' is not valid YAML at line {line} ({problem}).", "Correct it there."),
    "missing_key": Message("The recipe lacks '{key}'.", "Add it."),
    "momentum_unsupported": Message(
        "'{optimizer}' does not take a momentum.", "Set optimizer.momentum to 0, or optimizer.name to rmsprop."
    ),
    "no_batches": Message("All batches have weight 0.", "Give one of data.batches a weight."),
    "no_loss": Message("All losses have weight 0.", "Give loss.cross_entropy or loss.mse a weight."),
    "no_sources": Message("All sources have weight 0.", "Give one of data.source_weights more."),
    "not_a_choice": Message("'{key}' is {value}.", "Give one of {choices}."),
    "not_a_mapping": Message("'{source}' is not a mapping of keys to values.", "Begin it with  format: {format}."),
    "not_a_section": Message(
        "'{key}' cannot be set, because '{section}' is not a section.", "See the recipe for its sections."
    ),
    "not_one_budget": Message(
        "The recipe needs exactly one budget.",
        "Set one of schedule.max_minutes, schedule.max_cpu_minutes, schedule.max_steps and schedule.epochs, and the "
        "others to 0.",
    ),
    "not_text": Message("'{path}' is not text.", "Name a YAML file."),
    "other_photos": Message(
        "The training in '{folder}' was begun with other photos.",
        "Bring those back, choose another run.output_dir, or begin anew with  run.resume=false.",
    ),
    "other_recipe": Message(
        "The training in '{folder}' was begun with another '{section}'.",
        "Take that recipe, choose another run.output_dir, or begin anew with  run.resume=false.",
    ),
    "other_step": Message(
        "A step of the training in '{folder}' takes {batches} batches, over {processes} process(es) now.",
        "Choose processes and optimizer.accumulate_grad_batches whose product is {batches}.",
    ),
    "out_of_range": Message("'{key}' is {value}, which is out of range.", "Give {low:g} to {high:g}."),
    "output_exists": Message("'{path}' exists already.", "Choose another name."),
    "period_missing": Message("A scheduler of steps needs to know their length.", "Give schedule.period a length."),
    "process_count": Message(
        "'run.devices' is {asked}, but torchrun has started {started} processes here.",
        "Set run.devices to {started}, or leave it out.",
    ),
    "propagation_unsupported": Message(
        "'loss.propagation' is for photochrom_fast alone, which learns how hints spread.", "Leave it out."
    ),
    "unhinted_unsupported": Message(
        "'loss.unhinted' is for networks whose encoder does not see the hints, such as photochrom.", "Leave it out."
    ),
    "unhinted_teacher": Message("'loss.unhinted' and 'loss.teacher' do not go together.", "Leave one of them out."),
    "adversarial_unsupported": Message(
        "'loss.adversarial' teaches a render head, and this network has none.",
        "Set network.options.render_width, such as 48.",
    ),
    "adversarial_part": Message(
        "'loss.adversarial' teaches the render head alone.", "Set optimizer.trainable to render_head."
    ),
    "classifier_alone": Message(
        "'loss.classifier' judges a render head's pictures, which are taught by 'loss.adversarial'.",
        "Give loss.adversarial a weight, such as 0.07.",
    ),
    "classifier_incomplete": Message(
        "A classifier goes with a weight, and a weight with a classifier.",
        "Give loss.classifier and loss.perceptual or loss.adversarial_features, or none of them.",
    ),
    "recoloring_on_device": Message(
        "Objects cannot be recoloured on a device.", "Set hints.recolored to 0, or data.cache to ram."
    ),
    "section_expected": Message("'{key}' must be a section of keys, not {value}.", "Indent its keys below it."),
    "source_weight": Message(
        "'data.source_weights.{source}' is {weight}, which is not a weight.", "Give a number from 0 to 1000."
    ),
    "teacher_incomplete": Message("'loss.teacher' and 'loss.distillation' belong together.", "Give both, or neither."),
    "teacher_unsupported": Message(
        "Only networks with a distribution learn from a teacher.", "Leave out loss.teacher."
    ),
    "too_large": Message("'{path}' is too large for a recipe.", "Name a YAML file."),
    "unknown_format": Message("'{source}' has recipe format {version}, which is unknown.", "Write  format: {format}."),
    "unknown_key": Message("There is not a key '{key}'.", "Give one that there is, such as '{near}'."),
    "unknown_source": Message(
        "There is not a source '{source}' for data.source_weights.",
        "Name one of the photos' sources, such as '{near}'.",
    ),
    "unknown_trainable": Message(
        "'optimizer.trainable' is '{part}', which this network does not have.", "Choose one of {parts}."
    ),
    "unreadable": Message("'{path}' cannot be read ({reason}).", "Check the path."),
    "wrong_length": Message("'{key}' has {count} values.", "Give {expected}."),
    "wrong_type": Message("'{key}' is {value}.", "Give {expected}."),
}
