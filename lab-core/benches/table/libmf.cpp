// LIBMF's part of the bench: reads two files of "row,column,value" lines as LIBMF's own reader does, trains, and prints
// the seconds of both, the held-out error and the most memory in MB. `make bench-peers` compiles it with LIBMF's source.
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "mf.h"

static mf::mf_problem read(const char *path, std::vector<mf::mf_node> &nodes) {
    std::ifstream file(path);
    char comma;
    mf::mf_problem problem = {0, 0, 0, nullptr};
    for (mf::mf_node node; file >> node.u >> comma >> node.v >> comma >> node.r;) {
        problem.m = std::max(problem.m, node.u + 1);
        problem.n = std::max(problem.n, node.v + 1);
        nodes.push_back(node);
    }
    problem.nnz = static_cast<mf::mf_long>(nodes.size());
    problem.R = nodes.data();
    return problem;
}

int main(int count, char **words) {
    if (count != 6) {
        std::cerr << "libmf TRAIN TEST RANK EPOCHS THREADS\n";
        return 2;
    }
    using clock = std::chrono::steady_clock;
    auto seconds = [](clock::duration time) { return std::chrono::duration<double>(time).count(); };
    auto start = clock::now();
    std::vector<mf::mf_node> train_nodes, test_nodes;
    mf::mf_problem train = read(words[1], train_nodes), test = read(words[2], test_nodes);
    auto read_all = clock::now();
    mf::mf_parameter parameter = mf::mf_get_default_param();
    parameter.k = std::atoi(words[3]);
    parameter.nr_iters = std::atoi(words[4]);
    parameter.nr_threads = std::atoi(words[5]);
    parameter.lambda_p2 = parameter.lambda_q2 = 0;  // no penalty, as ours
    parameter.quiet = true;
    parameter.copy_data = false;
    mf::mf_model *model = mf::mf_train(&train, parameter);
    auto trained = clock::now();
    double rmse = mf::calc_rmse(&test, model);
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    std::cout << seconds(read_all - start) << ' ' << seconds(trained - read_all) << ' ' << rmse << ' '
              << usage.ru_maxrss / 1000 << std::endl;
    mf::mf_destroy_model(&model);
}
