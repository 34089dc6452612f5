// SPDX-License-Identifier: BSL-1.0
// Training: data, batches, the loop, who listens to it, and scores.
#pragma once
#include <cosmoml/train/batches.hpp>
#include <cosmoml/train/captured_step.hpp>
#include <cosmoml/train/checkpoint.hpp>
#include <cosmoml/train/chunked_order.hpp>
#include <cosmoml/train/confusion.hpp>
#include <cosmoml/train/early_stop.hpp>
#include <cosmoml/train/ensemble.hpp>
#include <cosmoml/train/epoch_order.hpp>
#include <cosmoml/train/fit.hpp>
#include <cosmoml/train/fit_options.hpp>
#include <cosmoml/train/history.hpp>
#include <cosmoml/train/observer.hpp>
#include <cosmoml/train/pipeline.hpp>
#include <cosmoml/train/pipeline_feed.hpp>
#include <cosmoml/train/progress_bar.hpp>
#include <cosmoml/train/roc_auc.hpp>
#include <cosmoml/train/samples.hpp>
#include <cosmoml/train/scaler.hpp>
#include <cosmoml/train/sources.hpp>
#include <cosmoml/train/split.hpp>
#include <cosmoml/train/stop_on_signal.hpp>
